"""`flask --app app import-book northwind FOLDER`: bring the history of an old system in."""

import gc
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from secrets import token_urlsafe

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from erpcrm.access.services import anybody_here, ensure_standard_roles, found_company
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import today
from erpcrm.core.lifecycle import transaction

from . import northwind, online_retail
from .book import Book
from .figures import checks, summary
from .keeping import keep

READERS: Mapping[str, Callable[[Path], Book]] = {"northwind": northwind.read, "online-retail": online_retail.read}
LANGUAGE = "en"


@click.command("import-book")
@click.argument("name", type=click.Choice(sorted(READERS)))
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--email", default="admin@example.com", help="Sign-in of the administrator, where there is no company yet."
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Only what happened up to this day: to try it out.")
def import_book(name: str, folder: Path, email: str, until: datetime | None) -> None:
    """Bring years of orders, deliveries, invoices, payments and credit notes in, each on its own day.

    Interrupted, it goes on where it was when it is started again; what is there already is left alone.
    """
    try:
        book = READERS[name](folder)
        book = book.up_to(until.date()) if until else book
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise click.ClickException(f"This is no book of the kind {name}: {error}") from error
    try:
        _found(book, email)
        # What stays until the end is not looked through again and again for what could go.
        gc.collect()
        gc.freeze()
        taken = keep(book, _tell)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from refused
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(f"The database does not answer as it should: {error.orig}") from error
    click.echo(f"{taken} events taken." if taken else "Everything was there already.")
    if not _sum_up(book):
        raise click.ClickException("The books do not agree with themselves.")


def _found(book: Book, email: str) -> None:
    """A company for the book where there is none, with an administrator whose password is shown once."""
    with transaction():
        if anybody_here():
            ensure_standard_roles()
            return
        password = token_urlsafe(12)
        found_company(
            company_name=book.company, language=LANGUAGE, currency=book.currency, time_zone=book.time_zone,
            name="Administrator", email=email, password=password,
        )  # fmt: skip
    click.echo(f"{book.company} is founded. Sign in as {email} with {password}")


def _tell(what: str, done: int, of: int) -> None:
    click.echo(f"{what}: {done} of {of}")


def _sum_up(book: Book) -> bool:
    """Say what is there now, and whether it agrees with itself."""
    for why, lines in book.passed_over.items():
        click.echo(f"{lines:>16,} lines passed over: {why}")
    with transaction(writes=False):
        day = _last_day(book)
        for what, figure in summary(day):
            shown = f"{figure:,.2f}" if isinstance(figure, Decimal) else f"{figure:,}"
            click.echo(f"{shown:>16} {what}")
        found = list(checks(day))
    for check in found:
        click.echo(f"{'ok' if check.holds else 'NOT EQUAL':>16} {check.what}: {check.one:,.2f} = {check.other:,.2f}")
    return all(check.holds for check in found)


def _last_day(book: Book) -> date:
    return max(book.until, today())
