"""SQLAlchemy's ORM over psycopg 3."""
from pgvector.sqlalchemy import BIT, HALFVEC, SPARSEVEC, VECTOR
from pgvector import SparseVector
from sqlalchemy import BigInteger, Index, Text, create_engine, delete, select, text, update
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from scenario import INDEX, main, vector


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id = mapped_column(BigInteger, primary_key=True)
    tag = mapped_column(Text)
    embedding = mapped_column(VECTOR(8))


def index_of(column, opclass):
    """The options of hnsw are those that its documents name."""
    options = {"m": 16, "ef_construction": 64} if INDEX == "hnsw" else {}
    return Index(
        f"{column.table.name}_{column.name}_index",
        column,
        postgresql_using=INDEX,
        postgresql_with=options,
        postgresql_ops={column.name: opclass},
    )


class Client:
    def __init__(self):
        self.engine = create_engine("postgresql+psycopg://")

    def create(self):
        with self.engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        Item.__table__.create(self.engine)

    def insert(self, items):
        with Session(self.engine) as session:
            session.add_all(
                Item(id=key, tag=tag, embedding=vector(number)) for key, number, tag in items
            )
            session.commit()

    def index(self):
        index_of(Item.__table__.c.embedding, "vector_l2_ops").create(self.engine)

    def search(self, number, limit, tag):
        query = select(Item).order_by(Item.embedding.l2_distance(vector(number))).limit(limit)
        if tag:
            query = query.where(Item.tag == tag)
        with Session(self.engine) as session:
            return [item.id for item in session.scalars(query)]

    def update(self, key, number, tag):
        with Session(self.engine) as session:
            session.execute(update(Item).where(Item.id == key).values(embedding=vector(number)))
            session.commit()

    def delete(self, key):
        with Session(self.engine) as session:
            session.execute(delete(Item).where(Item.id == key))
            session.commit()

    def typed(self, kind, values, opclass):
        column = {"halfvec": HALFVEC, "sparsevec": SPARSEVEC, "bit": BIT}[kind](3)
        table = type(kind, (Base,), {
            "__tablename__": f"{kind}_items",
            "id": mapped_column(BigInteger, primary_key=True),
            "v": mapped_column(column),
        })
        table.__table__.create(self.engine)
        if opclass:
            index_of(table.__table__.c.v, opclass).create(self.engine)
        to_driver = SparseVector if kind == "sparsevec" else lambda value: value
        distance = table.v.hamming_distance if kind == "bit" else table.v.l2_distance
        with Session(self.engine) as session:
            session.add_all(table(v=to_driver(value)) for value in reversed(values))
            session.commit()
            found = session.scalars(select(table.v).order_by(distance(to_driver(values[0]))))
            return [v.to_list() if kind == "sparsevec" else v for v in found]

    def close(self):
        self.engine.dispose()


main(Client)
