import pytest

from deploy import environment


def test_what_is_set_already_wins_over_the_file(tmp_path):
    environment.update(tmp_path, "crm", {"CRM_SECRET_KEY": "from-file", "CRM_URL": "http://127.0.0.1:1"})
    environ = {"CRM_SECRET_KEY": "from-outside"}

    environment.load(tmp_path, "crm", environ)

    assert environ == {"CRM_SECRET_KEY": "from-outside", "CRM_URL": "http://127.0.0.1:1"}


def test_an_update_keeps_the_rest(tmp_path):
    environment.update(tmp_path, "erp", {"A": "1", "B": "2"})

    assert environment.update(tmp_path, "erp", {"B": "3=4"}) == {"A": "1", "B": "3=4"}
    assert environment.read(tmp_path, "erp") == {"A": "1", "B": "3=4"}


def test_a_value_of_two_lines_is_refused(tmp_path):
    with pytest.raises(ValueError, match="one line"):
        environment.update(tmp_path, "crm", {"A": "1\nCRM_SECRET_KEY=mine"})


def test_a_process_never_sees_another_sides_secrets():
    everything = {
        "CRM_DATABASE_URL": "a",
        "ERP_DATABASE_URL": "b",
        "ERP_SECRET_KEY": "c",
        "INTEGRATION_BROKER_URL": "d",
        "ERP_URL": "http://127.0.0.1:8201",
        "PATH": "/bin",
    }

    assert environment.without_other_sides(everything, "crm") == {
        "CRM_DATABASE_URL": "a",
        "ERP_URL": "http://127.0.0.1:8201",
        "PATH": "/bin",
    }


def test_secret_keys_differ_between_sides_and_stay(tmp_path):
    environment.ensure_secret_keys(tmp_path, environment.SIDES)
    keys = {side: environment.read(tmp_path, side)[f"{side.upper()}_SECRET_KEY"] for side in environment.SIDES}

    environment.ensure_secret_keys(tmp_path, environment.SIDES)

    assert len(set(keys.values())) == 3
    assert keys == {side: environment.read(tmp_path, side)[f"{side.upper()}_SECRET_KEY"] for side in environment.SIDES}
