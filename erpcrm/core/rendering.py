"""How templates call functions, quickly.

A page makes some thousand calls out of its templates. Jinja finds out for each of them, from scratch, whether the function
wants the context as its first argument; for plain functions and macros, which are nearly all, the answer is known.
"""

from types import FunctionType, MethodType
from typing import Any

from jinja2.runtime import Context, Macro

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
