// tokio-postgres with the pgvector crate, all in the binary format.

use crate::{Client, Item, Kind, Result, vector};
use pgvector::{Bit, HalfVector, SparseVector, Vector};
use std::env;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls, Row};

pub struct Tokio {
    runtime: Runtime,
    client: tokio_postgres::Client,
}

fn connect(runtime: &Runtime) -> Result<tokio_postgres::Client> {
    let mut config = Config::new();
    config
        .host(env::var("PGHOST")?)
        .port(env::var("PGPORT")?.parse()?)
        .user(env::var("PGUSER")?)
        .dbname(env::var("PGDATABASE")?);
    let (client, connection) = runtime.block_on(config.connect(NoTls))?;
    runtime.spawn(connection);
    Ok(client)
}

impl Tokio {
    pub fn new() -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = connect(&runtime)?;
        Ok(Self { runtime, client })
    }

    fn query(&self, statement: &str, args: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        Ok(self.runtime.block_on(self.client.query(statement, args))?)
    }

    fn typed_rows(&self, kind: &Kind, values: [&(dyn ToSql + Sync); 3]) -> Result<Vec<Row>> {
        let table = format!("{}_items", kind.name);
        for value in values.iter().rev() {
            self.query(&format!("INSERT INTO {table} VALUES ($1)"), &[*value])?;
        }
        self.query(
            &format!("SELECT v FROM {table} ORDER BY v {} $1", kind.operator),
            &[values[0]],
        )
    }
}

fn embedding(number: i32) -> Vector {
    Vector::from(vector(number))
}

impl Client for Tokio {
    fn create(&mut self) -> Result<()> {
        self.execute("CREATE EXTENSION IF NOT EXISTS vector")?;
        self.execute("CREATE TABLE items (id int PRIMARY KEY, tag text, embedding vector(8))")
    }

    fn insert(&mut self, items: &[Item]) -> Result<()> {
        for item in items {
            let args: [&(dyn ToSql + Sync); 3] = [&item.key, &item.tag, &embedding(item.number)];
            self.query("INSERT INTO items VALUES ($1, $2, $3)", &args)?;
        }
        let read: Vector = self.query("SELECT embedding FROM items WHERE id = 7", &[])?[0].get(0);
        if read != embedding(7) {
            return Err(format!("read {read:?}").into());
        }
        Ok(())
    }

    fn execute(&mut self, statement: &str) -> Result<()> {
        Ok(self
            .runtime
            .block_on(self.client.batch_execute(statement))?)
    }

    fn search(&mut self, number: i32, limit: usize, tag: Option<&str>) -> Result<Vec<i32>> {
        let rows = self.query(
            "SELECT id FROM items WHERE $3::text IS NULL OR tag = $3 ORDER BY embedding <-> $1 LIMIT $2",
            &[&embedding(number), &(limit as i64), &tag],
        )?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    fn update(&mut self, key: i32, number: i32) -> Result<()> {
        self.query(
            "UPDATE items SET embedding = $1 WHERE id = $2",
            &[&embedding(number), &key],
        )
        .map(drop)
    }

    fn delete(&mut self, key: i32) -> Result<()> {
        self.query("DELETE FROM items WHERE id = $1", &[&key])
            .map(drop)
    }

    fn typed(&mut self, kind: &Kind) -> Result<Vec<[f32; 3]>> {
        match kind.name {
            "halfvec" => {
                let [a, b, c] = kind.values.map(|v| HalfVector::from_f32_slice(&v));
                let rows = self.typed_rows(kind, [&a, &b, &c])?;
                Ok(rows
                    .iter()
                    .map(|row| row.get::<_, HalfVector>(0))
                    .map(from_half)
                    .collect())
            }
            "sparsevec" => {
                let [a, b, c] = kind.values.map(|v| SparseVector::from_dense(&v));
                let rows = self.typed_rows(kind, [&a, &b, &c])?;
                Ok(rows
                    .iter()
                    .map(|row| row.get::<_, SparseVector>(0))
                    .map(from_sparse)
                    .collect())
            }
            _ => {
                let [a, b, c] = kind.values.map(to_bit);
                let rows = self.typed_rows(kind, [&a, &b, &c])?;
                Ok(rows
                    .iter()
                    .map(|row| row.get::<_, Bit>(0))
                    .map(from_bit)
                    .collect())
            }
        }
    }

    fn reopen(&mut self) -> Result<()> {
        self.client = connect(&self.runtime)?;
        Ok(())
    }
}

pub fn from_half(v: HalfVector) -> [f32; 3] {
    let v = v.as_slice();
    [v[0].to_f32(), v[1].to_f32(), v[2].to_f32()]
}

pub fn from_sparse(v: SparseVector) -> [f32; 3] {
    let v = v.to_vec();
    [v[0], v[1], v[2]]
}

pub fn to_bit(v: [f32; 3]) -> Bit {
    Bit::new(&v.map(|x| x > 0.0))
}

pub fn from_bit(v: Bit) -> [f32; 3] {
    [0, 1, 2].map(|j| f32::from(v.as_bytes()[0] >> (7 - j) & 1))
}
