"""Django over psycopg 3: a model, and migrations for its table and its index."""
import os

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from pgvector import HalfVector, SparseVector
from pgvector.django import (
    BitField, HalfVectorField, HammingDistance, HnswIndex, L2Distance, SparseVectorField,
)

from scenario import main, vector

settings.configure(
    INSTALLED_APPS=["django_items"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
        }
    },
)
django.setup()

from django_items.models import Item  # noqa: E402: models want the settings

FIELDS = {"halfvec": HalfVectorField, "sparsevec": SparseVectorField, "bit": BitField}


class Client:
    def create(self):
        call_command("migrate", "django_items", "0001", verbosity=0)

    def insert(self, items):
        Item.objects.bulk_create(
            Item(id=key, tag=tag, embedding=vector(number)) for key, number, tag in items
        )

    def index(self):
        call_command("migrate", verbosity=0)

    def search(self, number, limit, tag):
        items = Item.objects.filter(tag=tag) if tag else Item.objects.all()
        found = items.order_by(L2Distance("embedding", vector(number)))[:limit]
        return [item.id for item in found]

    def update(self, key, number, tag):
        item = Item.objects.get(id=key)
        item.embedding = vector(number)
        item.save()

    def delete(self, key):
        Item.objects.get(id=key).delete()

    def typed(self, kind, values, opclass):
        size = {"length": 3} if kind == "bit" else {"dimensions": 3}
        indexes = [HnswIndex(name=kind, fields=["v"], opclasses=[opclass])] if opclass else []
        model = type(kind, (models.Model,), {
            "__module__": "django_items.models",
            "v": FIELDS[kind](**size),
            "Meta": type("Meta", (), {"indexes": indexes}),
        })
        with connection.schema_editor() as editor:
            editor.create_model(model)
        to_driver = {"halfvec": HalfVector, "sparsevec": SparseVector, "bit": str}[kind]
        model.objects.bulk_create(model(v=to_driver(value)) for value in reversed(values))
        distance = HammingDistance if kind == "bit" else L2Distance
        found = model.objects.order_by(distance("v", to_driver(values[0])))
        return [v.to_list() if kind == "sparsevec" else v for v in found.values_list("v", flat=True)]

    def close(self):
        connection.close()


main(Client)
