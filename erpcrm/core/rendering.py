"""How templates call functions and write values, quickly.

A page makes some thousand calls out of its templates. Jinja finds out for each of them, from scratch, whether the function
wants the context as its first argument; for plain functions and macros, which are nearly all, the answer is known.

It writes as many values, and makes each an object of markup before it joins them: ten times the work of escaping them.
"""

from types import FunctionType, MethodType
from typing import Any

from jinja2.compiler import CodeGenerator
from jinja2.environment import Environment
from jinja2.runtime import Context, Macro
from markupsafe import Markup, _escape_inner  # type: ignore[attr-defined]

PLAIN = frozenset({FunctionType, MethodType})


class QuickContext(Context):
    """Jinja's context with a shorter way for the usual."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        kind = type(called)
        if kind is Macro:
            args = (self.eval_ctx, *args)  # a macro always takes it
        elif kind not in PLAIN or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return called(*args, **kwargs)


def escaped(value: Any) -> str:
    """What `markupsafe.escape` makes of a value, as plain text that is ready to be joined."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)  # type: ignore[no-any-return]
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    return value.__html__() if hasattr(value, "__html__") else _escape_inner(str(value))


class QuickCode(CodeGenerator):
    """Templates that write values with `escaped`."""

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


def make_quick(environment: Environment) -> None:
    """Before the first template is loaded."""
    environment.context_class, environment.code_generator_class = QuickContext, QuickCode
    environment.extend(escaped=escaped)
