"""The pages of access: sign-in, profile, users, roles, teams, "may this user do this"."""

from . import may, profile, roles, second_factor, set_up, sign_in, teams, users
from .blueprint import bp

__all__ = ["bp", "may", "profile", "roles", "second_factor", "set_up", "sign_in", "teams", "users"]
