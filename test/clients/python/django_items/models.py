from django.db import models
from pgvector.django import VectorField


class Item(models.Model):
    tag = models.TextField()
    embedding = VectorField(dimensions=8)
