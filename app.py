"""The application, for `flask --app app` and for any WSGI server (`app:app`)."""

from erpcrm import create_app

app = create_app()
