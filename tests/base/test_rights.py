"""A process that could do more than it should does not start."""

import os

import psycopg
import pytest
from django.db import connection

from base.rights import TooMuchRight, excess_rights, refuse_excess_rights


@pytest.mark.django_db
def test_the_app_role_has_no_more_than_it_needs():
    # The test database stands beside the side's own, which the role may reach of course.
    assert excess_rights() == ["may connect to the database crm"]


@pytest.mark.django_db(transaction=True)
def test_the_owner_may_not_run_a_process():
    told = connection.settings_dict
    before = told["USER"], told["PASSWORD"]
    owner = psycopg.conninfo.conninfo_to_dict(os.environ["CRM_OWNER_DATABASE_URL"])
    connection.close()
    told["USER"], told["PASSWORD"] = owner["user"], owner["password"]
    try:
        with pytest.raises(TooMuchRight, match="crm_owner owns the table"):
            refuse_excess_rights()
    finally:
        connection.close()
        told["USER"], told["PASSWORD"] = before
