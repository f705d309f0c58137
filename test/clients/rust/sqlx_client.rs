// sqlx with the pgvector crate, all in the binary format.

use crate::tokio_postgres_client::{from_bit, from_half, from_sparse, to_bit};
use crate::{Client, Item, Kind, Result, vector};
use pgvector::{HalfVector, SparseVector, Vector};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, Postgres};
use sqlx::{AssertSqlSafe, Decode, Encode, Type};
use std::env;
use tokio::runtime::{Builder, Runtime};

pub struct Sqlx {
    runtime: Runtime,
    pool: PgPool,
}

fn connect(runtime: &Runtime) -> Result<PgPool> {
    let options = PgConnectOptions::new_without_pgpass()
        .host(&env::var("PGHOST")?)
        .port(env::var("PGPORT")?.parse()?)
        .username(&env::var("PGUSER")?)
        .database(&env::var("PGDATABASE")?);
    Ok(runtime.block_on(PgPoolOptions::new().connect_with(options))?)
}

impl Sqlx {
    pub fn new() -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let pool = connect(&runtime)?;
        Ok(Self { runtime, pool })
    }

    fn typed_rows<T>(&self, kind: &Kind, values: [T; 3]) -> Result<Vec<T>>
    where
        T: Type<Postgres> + for<'r> Decode<'r, Postgres> + for<'q> Encode<'q, Postgres>,
        T: Clone + Send + Sync + Unpin + 'static,
    {
        let table = format!("{}_items", kind.name);
        let insert = format!("INSERT INTO {table} VALUES ($1)");
        for value in values.iter().rev() {
            let query = sqlx::query(AssertSqlSafe(insert.clone())).bind(value.clone());
            self.runtime.block_on(query.execute(&self.pool))?;
        }
        let select = format!("SELECT v FROM {table} ORDER BY v {} $1", kind.operator);
        let query = sqlx::query_scalar(AssertSqlSafe(select)).bind(values[0].clone());
        Ok(self.runtime.block_on(query.fetch_all(&self.pool))?)
    }
}

fn embedding(number: i32) -> Vector {
    Vector::from(vector(number))
}

impl Client for Sqlx {
    fn create(&mut self) -> Result<()> {
        self.execute("CREATE EXTENSION IF NOT EXISTS vector")?;
        self.execute("CREATE TABLE items (id int PRIMARY KEY, tag text, embedding vector(8))")
    }

    fn insert(&mut self, items: &[Item]) -> Result<()> {
        for item in items {
            let query = sqlx::query("INSERT INTO items VALUES ($1, $2, $3)")
                .bind(item.key)
                .bind(item.tag)
                .bind(embedding(item.number));
            self.runtime.block_on(query.execute(&self.pool))?;
        }
        let query = sqlx::query_scalar("SELECT embedding FROM items WHERE id = 7");
        let read: Vector = self.runtime.block_on(query.fetch_one(&self.pool))?;
        if read != embedding(7) {
            return Err(format!("read {read:?}").into());
        }
        Ok(())
    }

    fn execute(&mut self, statement: &str) -> Result<()> {
        let query = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
        self.runtime.block_on(query.execute(&self.pool))?;
        Ok(())
    }

    fn search(&mut self, number: i32, limit: usize, tag: Option<&str>) -> Result<Vec<i32>> {
        let query = sqlx::query_scalar(
            "SELECT id FROM items WHERE $3::text IS NULL OR tag = $3 ORDER BY embedding <-> $1 LIMIT $2",
        );
        let query = query
            .bind(embedding(number))
            .bind(limit as i64)
            .bind(tag.map(str::to_owned));
        Ok(self.runtime.block_on(query.fetch_all(&self.pool))?)
    }

    fn update(&mut self, key: i32, number: i32) -> Result<()> {
        let query = sqlx::query("UPDATE items SET embedding = $1 WHERE id = $2");
        self.runtime
            .block_on(query.bind(embedding(number)).bind(key).execute(&self.pool))?;
        Ok(())
    }

    fn delete(&mut self, key: i32) -> Result<()> {
        let query = sqlx::query("DELETE FROM items WHERE id = $1");
        self.runtime.block_on(query.bind(key).execute(&self.pool))?;
        Ok(())
    }

    fn typed(&mut self, kind: &Kind) -> Result<Vec<[f32; 3]>> {
        Ok(match kind.name {
            "halfvec" => {
                let values = kind.values.map(|v| HalfVector::from_f32_slice(&v));
                self.typed_rows(kind, values)?
                    .into_iter()
                    .map(from_half)
                    .collect()
            }
            "sparsevec" => {
                let values = kind.values.map(|v| SparseVector::from_dense(&v));
                self.typed_rows(kind, values)?
                    .into_iter()
                    .map(from_sparse)
                    .collect()
            }
            _ => self
                .typed_rows(kind, kind.values.map(to_bit))?
                .into_iter()
                .map(from_bit)
                .collect(),
        })
    }

    fn reopen(&mut self) -> Result<()> {
        self.runtime.block_on(self.pool.close());
        self.pool = connect(&self.runtime)?;
        Ok(())
    }
}
