"""The verbs of access."""

from .founding import found_company
from .invitations import invite, send_reset_link
from .leaving import deactivate, hand_over, hand_over_some, possessions, reactivate
from .roles import (
    create_role,
    delete_role,
    ensure_standard_roles,
    holders_of,
    roles_of_choice,
    standard_role,
    sync_new_permissions,
    update_role,
    who_may,
)
from .sign_in import change_password, check_password, set_password, sign_out_everywhere, signed_in
from .teams import create_team, delete_team, members_of, team_called, update_team
from .users import (
    anybody_here,
    choose_language,
    create_user,
    delete_user,
    load_user,
    update_profile,
    update_user,
    user_by_email,
    users_called,
)

__all__ = [
    "anybody_here",
    "change_password",
    "check_password",
    "choose_language",
    "create_role",
    "create_team",
    "create_user",
    "deactivate",
    "delete_role",
    "delete_team",
    "delete_user",
    "ensure_standard_roles",
    "found_company",
    "hand_over",
    "hand_over_some",
    "holders_of",
    "invite",
    "load_user",
    "members_of",
    "possessions",
    "reactivate",
    "roles_of_choice",
    "send_reset_link",
    "set_password",
    "sign_out_everywhere",
    "signed_in",
    "standard_role",
    "sync_new_permissions",
    "team_called",
    "update_profile",
    "update_role",
    "update_team",
    "update_user",
    "user_by_email",
    "users_called",
    "who_may",
]
