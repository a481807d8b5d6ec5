"""What is written to standard output: for people in a terminal, as JSON lines for a log collector."""

import sys

import structlog


def configure_logs() -> None:
    """Tracebacks are written without the values of variables: among them are passwords that somebody has typed."""
    people = sys.stdout.isatty()
    render: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if people
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *render,
        ]
    )
