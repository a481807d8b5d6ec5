"""What everything is measured against: Flask with nothing, and Flask with one indexed query of 50 rows in a template.

Written as one would write it in a small program: Flask-SQLAlchemy, a mapped class, a select of eight columns, a compiled
template. No sign-in, no permissions, no languages, no compression.
"""

import os
from datetime import datetime

from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PAGE = """<!doctype html>
<html lang="en">
<head><title>Customers</title></head>
<body>
<h1>Customers</h1>
<table>
{% for row in rows %}
<tr><td><a href="/customers/{{ row.id }}">{{ row.name }}</a></td><td>{{ row.code }}</td><td>{{ row.status }}</td>
<td>{{ row.industry }}</td><td>{{ row.region }}</td><td>{{ row.phone }}</td><td>{{ row.last_activity_at }}</td></tr>
{% endfor %}
</table>
</body>
</html>
"""


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    industry: Mapped[str | None]
    region: Mapped[str | None]
    phone: Mapped[str | None]
    last_activity_at: Mapped[datetime | None]


SHOWN = (
    Customer.id, Customer.code, Customer.name, Customer.status, Customer.industry, Customer.region, Customer.phone,
    Customer.last_activity_at,
)  # fmt: skip

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
app.jinja_loader = DictLoader({"customers.html": PAGE})
db = SQLAlchemy(app, model_class=Base)


@app.get("/bare")
def bare() -> str:
    return "<!doctype html><title>Bare</title><p>Hello</p>"


@app.get("/one-query/<int:last>")
def one_query(last: int) -> str:
    query = select(*SHOWN).where(Customer.id <= last).order_by(Customer.id.desc()).limit(50)
    return render_template("customers.html", rows=db.session.execute(query).all())
