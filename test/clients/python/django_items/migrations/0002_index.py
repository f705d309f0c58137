from django.db import migrations
from pgvector.django import HnswIndex


class Migration(migrations.Migration):
    dependencies = [("django_items", "0001_items")]

    operations = [
        migrations.AddIndex(
            model_name="item",
            index=HnswIndex(
                name="items_embedding",
                fields=["embedding"],
                m=16,
                ef_construction=64,
                opclasses=["vector_l2_ops"],
            ),
        ),
    ]
