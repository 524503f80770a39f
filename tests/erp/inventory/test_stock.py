"""Goods move once, are never sold twice, and the books follow to the cent."""

import threading
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from base.ids import uuid7
from erp.inventory import services as stock
from erp.inventory.models import StockBalance, StockMove, StockReservation
from erp.inventory.refusals import CostMissing, MoreThanDelivered, NotEnoughStock, NotReserved
from erp.inventory.reports import stock_difference, stock_value
from erp.inventory.services import Outgoing, Returning, Wanted
from erp.ledger.models import JournalEntry
from erp.ledger.reports import account_balance
from erp.ledger.services import Line, Posting, post, reverse
from erp.products.models import Product
from tests.erp.makers import company

TODAY = date(2026, 11, 23)
D = Decimal


def make_product(sku="CHAI"):
    company()
    return Product.objects.create(sku=sku, name=sku.title(), unit="box", tax_class="reduced")


def received(product, quantity="10", cost="3.00"):
    return stock.receive(product, D(quantity), D(cost), TODAY, reference="opening")


def shipped(product, quantity):
    (move,) = stock.ship_out([Outgoing(product.pk, D(quantity))], TODAY, ("shipment", uuid7()))
    return move


def balance(product):
    row = StockBalance.objects.get(product=product)
    return row.on_hand, row.reserved, row.value


@pytest.mark.django_db
def test_a_receipt_is_on_hand_and_in_the_books():
    product = make_product()

    move = received(product)

    assert balance(product) == (10, 0, D("30.00"))
    assert (account_balance("inventory"), account_balance("grni")) == (D("30.00"), D("-30.00"))
    assert (move.entry.total, move.value, move.on_hand_after) == (D("30.00"), D("30.00"), 10)


@pytest.mark.django_db
def test_cost_is_the_moving_average_and_the_last_unit_carries_the_rest():
    product = make_product()
    received(product, "2", "1.00")
    received(product, "1", "2.01")

    values = [shipped(product, "1").value for _unit in range(3)]

    assert values == [D("1.34"), D("1.34"), D("1.33")]
    assert balance(product) == (0, 0, D("0.00"))
    assert (account_balance("cogs"), stock_difference()) == (D("4.01"), D("0.00"))


@pytest.mark.django_db
def test_what_comes_back_is_worth_what_left_in_parts_to_the_cent():
    product = make_product()
    received(product, "3", "1.111111")
    sale = shipped(product, "3")
    received(product, "7", "9.00")

    values = [stock.return_in([Returning(sale, D(1))], TODAY, ("return", uuid7()))[0].value for _unit in range(3)]

    assert (sum(values), sale.value) == (D("3.33"), D("3.33"))
    assert account_balance("cogs") == 0
    with pytest.raises(MoreThanDelivered), transaction.atomic():
        stock.return_in([Returning(sale, D(1))], TODAY, ("return", uuid7()))
    assert stock_difference() == 0


@pytest.mark.django_db
def test_more_than_there_is_cannot_leave():
    product = make_product()
    received(product, "2")

    with pytest.raises(NotEnoughStock) as refusal, transaction.atomic():
        shipped(product, "3")

    assert str(refusal.value) == "Only 2 of CHAI are free; 3 are wanted."
    assert balance(product) == (2, 0, D("6.00"))


@pytest.mark.django_db
def test_goods_come_in_with_a_cost():
    product = make_product()
    with pytest.raises(CostMissing), transaction.atomic():
        received(product, "1", "-1")


@pytest.mark.django_db
def test_reserved_units_are_kept_for_their_reference():
    product, ref, other = make_product(), uuid7(), uuid7()
    received(product, "5")

    got = stock.reserve([Wanted(product.pk, D(4), ref), Wanted(product.pk, D(4), other)])

    assert got == {ref: 4, other: 1}
    with pytest.raises(NotEnoughStock), transaction.atomic():
        shipped(product, "1")
    stock.ship_out([Outgoing(product.pk, D(3), ref)], TODAY, ("shipment", uuid7()))
    with pytest.raises(NotReserved), transaction.atomic():
        stock.ship_out([Outgoing(product.pk, D(2), ref)], TODAY, ("shipment", uuid7()))
    stock.release([ref, other])
    assert balance(product) == (2, 0, D("6.00"))
    assert sum(StockReservation.objects.values_list("quantity", flat=True)) == 0


@pytest.mark.django_db
def test_the_same_posting_again_moves_nothing():
    product, posting = make_product(), uuid7()

    moves = {stock.receive(product, D(5), D(2), TODAY, posting=posting).pk for _again in range(3)}

    assert len(moves) == 1
    assert balance(product)[0] == 5


@pytest.mark.django_db(transaction=True)
def test_200_rivals_for_the_last_five_units_get_exactly_five():
    product = make_product()
    received(product, "5")
    sold, refused = [], []

    def try_ten_times():
        for _turn in range(10):
            try:
                sold.append(shipped(product, "1").pk)
            except NotEnoughStock:
                refused.append(1)
        connection.close()

    rivals = [threading.Thread(target=try_ten_times) for _rival in range(20)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    assert (len(sold), len(refused)) == (5, 195)
    assert balance(product) == (0, 0, D("0.00"))
    assert stock_difference() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_stockbalance SET on_hand = 99",
        "UPDATE inventory_stockmove SET quantity = 99",
        "DELETE FROM inventory_stockmove",
        "TRUNCATE inventory_stockmove CASCADE",
        "INSERT INTO inventory_stockreservation VALUES (gen_random_uuid())",
        "SELECT public.stock_take(gen_random_uuid(), 1, 1, NULL)",
        "SELECT public.stock_book('{}', 1, 1)",
    ],
)
def test_the_process_cannot_write_past_the_function(statement):
    received(make_product())

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db(transaction=True)
def test_not_even_the_owner_changes_a_move_or_sells_what_is_not_there(as_owner):
    product = make_product()
    received(product, "2")

    for statement in (
        "UPDATE inventory_stockmove SET quantity = 99",
        "DELETE FROM inventory_stockmove",
        "TRUNCATE inventory_stockmove CASCADE",
        "UPDATE inventory_stockbalance SET on_hand = -1",
        "UPDATE inventory_stockbalance SET reserved = 3",
    ):
        with pytest.raises(psycopg.Error):
            as_owner.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_move_without_its_entry_does_not_commit(as_owner):
    """I16: an entry of an earlier transaction, or of another worth, is not the move's entry."""
    product = make_product()
    received(product, "2")
    columns = [field.column for field in StockMove._meta.concrete_fields]
    copied = ", ".join(
        {"id": "gen_random_uuid()", "posting": "gen_random_uuid()", "position": "position + 1000"}.get(name, name)
        for name in columns
    )

    with pytest.raises(psycopg.Error, match="no entry of its worth"):
        as_owner.execute(
            f"INSERT INTO inventory_stockmove ({', '.join(columns)}) SELECT {copied} FROM inventory_stockmove"
        )

    assert (StockMove.objects.count(), JournalEntry.objects.count(), stock_value()) == (1, 1, D("6.00"))


def post_by_hand_and_commit():
    lines = [Line("inventory", debit=D("5.00")), Line("bank", credit=D("5.00"))]
    with transaction.atomic():
        post(Posting(journal="general", date=TODAY, text="by hand", key="by hand", lines=lines))
        connection.check_constraints()


def reverse_and_commit(move):
    with transaction.atomic():
        reverse(move.entry, TODAY, "a mistake")
        connection.check_constraints()


@pytest.mark.django_db
def test_nothing_stands_in_the_inventory_account_that_no_goods_brought_there():
    move = received(make_product(), "2")

    with pytest.raises(DatabaseError, match="its goods are worth 0"):
        post_by_hand_and_commit()
    with pytest.raises(DatabaseError, match="its goods are worth 0"):
        reverse_and_commit(move)

    assert (account_balance("inventory"), stock_difference()) == (D("6.00"), 0)
