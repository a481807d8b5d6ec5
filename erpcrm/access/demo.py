"""The people of the demo company: one sign-in a role, two sales teams, and sellers who only own records."""

from typing import Any

from . import services

PEOPLE = (
    ("admin", "Zhou Ming 周明", "admin", None, None),
    ("manager", "Chen Hua 陈华", "manager", "North", "North"),
    ("seller", "Li Na 李娜", "seller", "North", "North"),
    ("colleague", "Wang Wei 王伟", "seller", "North", "North"),
    ("marketer", "Sophie Laurent", "marketer", None, None),
    ("agent", "Liu Yang 刘洋", "agent", None, None),
    ("controller", "Zhao Jing 赵静", "controller", None, None),
    ("accountant", "Emma Fischer", "accountant", None, None),
    ("buyer", "Sun Lei 孙磊", "buyer", None, None),
    ("storekeeper", "Ma Chao 马超", "storekeeper", None, None),
    ("planner", "Daniel Novak", "planner", None, None),
    ("operator", "Huang Bo 黄波", "operator", None, None),
    ("hr", "Xu Fang 徐芳", "hr", None, None),
)
"""(sign-in, name, role, team, region). The language is the browser's."""

SOUTH = (("James Carter", "manager"), ("Lin Yue 林悦", "seller"), ("Maria Rossi", "seller"))
"""A second team, whose people have no sign-in: the first one manages it."""


def build_users(world: Any) -> None:
    services.ensure_standard_roles()
    north = services.create_team("North 华北")
    south = services.create_team("South 华南")
    world.teams.update(north=north, south=south)
    # One hash for all: they have the same password, and hashing is slow on purpose.
    password_hash = None
    for name, full_name, role, team, region in PEOPLE:
        user = services.create_user(
            full_name,
            f"{name}@demo.example",
            roles=[role],
            team=north if team else None,
            region=region,
            password=world.password if password_hash is None else None,
        )
        password_hash = user.password_hash = password_hash or user.password_hash
        world.users[name] = user
    for full_name, role in SOUTH:
        user = services.create_user(full_name, roles=[role], team=south, region="South")
        world.users[full_name.split()[0].lower()] = user
    north.manager_id = world.users["manager"].id
    south.manager_id = world.users["james"].id
