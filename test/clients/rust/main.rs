// What every client does with the server, as TAP; a client says how.
//
// Its items are numbers: each has a vector and a tag that follow from it, so that
// any answer can be checked here by comparing all of them.

mod sqlx_client;
mod tokio_postgres_client;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

const DIMS: i32 = 8;
const ROWS: i32 = 200;
const NEAREST: usize = 10;
const QUERY: i32 = 1000;
// An approximate index may miss some of the nearest.
const FOUND_AT_LEAST: usize = 8;

pub struct Item {
    pub key: i32,
    pub number: i32,
    pub tag: &'static str,
}

// Values of a type, in the order of their distances from the first one.
pub struct Kind {
    pub name: &'static str,
    pub operator: &'static str,
    pub opclass: &'static str,
    pub values: [[f32; 3]; 3],
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "halfvec",
        operator: "<->",
        opclass: "halfvec_l2_ops",
        values: [[1.0, 0.0, 2.0], [0.0, 3.0, 4.0], [5.0, 5.0, 5.0]],
    },
    Kind {
        name: "sparsevec",
        operator: "<->",
        opclass: "sparsevec_l2_ops",
        values: [[1.0, 0.0, 2.0], [0.0, 3.0, 4.0], [5.0, 0.0, 0.0]],
    },
    Kind {
        name: "bit",
        operator: "<~>",
        opclass: "bit_hamming_ops",
        values: [[1.0, 0.0, 1.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]],
    },
];

// The steps, in the library's own words; each call opens what it needs.
pub trait Client {
    fn create(&mut self) -> Result<()>;
    fn insert(&mut self, items: &[Item]) -> Result<()>;
    fn execute(&mut self, statement: &str) -> Result<()>;
    fn search(&mut self, number: i32, limit: usize, tag: Option<&str>) -> Result<Vec<i32>>;
    fn update(&mut self, key: i32, number: i32) -> Result<()>;
    fn delete(&mut self, key: i32) -> Result<()>;
    fn typed(&mut self, kind: &Kind) -> Result<Vec<[f32; 3]>>;
    fn reopen(&mut self) -> Result<()>;
}

// The access method that the client's index is to have; empty where the server
// has none of this name.
fn index_method() -> String {
    env::var("CLIENT_INDEX").unwrap_or_default()
}

// Does the server have this, beside vector: a type, or an operator class such as
// "hnsw:halfvec_l2_ops"?
fn has(what: &str) -> bool {
    env::var("CLIENT_HAS")
        .unwrap_or_default()
        .split(' ')
        .any(|each| each == what)
}

// All elements are multiples of 1/16 below 8: halves have them too.
pub fn vector(n: i32) -> Vec<f32> {
    let element = |j| ((n * n * (j + 3) + n * (13 * j + 7) + 5) % 251 - 125) as f32 / 16.0;
    (0..DIMS).map(element).collect()
}

fn tag_of(key: i32) -> &'static str {
    ["red", "green", "blue", "grey"][key as usize % 4]
}

fn distance_from_query(number: i32) -> f32 {
    let pairs = vector(QUERY).into_iter().zip(vector(number));
    pairs.map(|(x, y)| (x - y) * (x - y)).sum::<f32>().sqrt()
}

struct Scenario {
    client: Box<dyn Client>,
    numbers: BTreeMap<i32, i32>,
    moved: i32,
    count: usize,
}

impl Scenario {
    fn report(&mut self, name: &str, result: Result<()>) -> bool {
        self.count += 1;
        match result {
            Ok(()) => println!("ok {} - {}", self.count, name),
            Err(ref error) => {
                println!("not ok {} - {}", self.count, name);
                println!("# {}", format!("{error} {error:?}").replace('\n', "\n# "));
            }
        }
        result.is_ok()
    }

    fn insert(&mut self) -> Result<()> {
        let item = |(&key, &number)| Item {
            key,
            number,
            tag: tag_of(key),
        };
        let items: Vec<Item> = self.numbers.iter().map(item).collect();
        self.client.insert(&items)
    }

    fn index(&mut self) -> Result<()> {
        let method = index_method();
        self.client.execute(&format!(
            "CREATE INDEX ON items USING {method} (embedding vector_l2_ops)"
        ))
    }

    // Are these the nearest, of all or of those with the tag?
    fn check(&mut self, tag: Option<&str>) -> Result<Vec<i32>> {
        let mut all: Vec<f32> = self
            .numbers
            .iter()
            .filter(|(key, _)| tag.is_none_or(|tag| tag_of(**key) == tag))
            .map(|(_, number)| distance_from_query(*number))
            .collect();
        all.sort_by(f32::total_cmp);
        let bar = all[NEAREST - 1] + 1e-5;
        let found = self.client.search(QUERY, NEAREST, tag)?;
        let mut near = 0;
        for key in &found {
            let number = self
                .numbers
                .get(key)
                .ok_or(format!("deleted ones in {found:?}"))?;
            if tag.is_some_and(|tag| tag_of(*key) != tag) {
                return Err(format!("not all {tag:?}: {found:?}").into());
            }
            near += usize::from(distance_from_query(*number) <= bar);
        }
        let distinct = found.iter().collect::<std::collections::HashSet<_>>().len();
        if found.len() != NEAREST || distinct != NEAREST || near < FOUND_AT_LEAST {
            return Err(format!("found {found:?}, of which {near} are nearest").into());
        }
        Ok(found)
    }

    // The farthest becomes the query itself: then it is the first.
    fn update(&mut self) -> Result<()> {
        let farthest =
            (1..=ROWS).max_by(|a, b| distance_from_query(*a).total_cmp(&distance_from_query(*b)));
        self.moved = farthest.ok_or("no items")?;
        self.numbers.insert(self.moved, QUERY);
        self.client.update(self.moved, QUERY)?;
        let found = self.check(None)?;
        if found[0] != self.moved {
            return Err(format!("{} is not the first of {found:?}", self.moved).into());
        }
        Ok(())
    }

    fn delete(&mut self) -> Result<()> {
        self.numbers.remove(&self.moved);
        self.client.delete(self.moved)?;
        self.check(None).map(drop)
    }

    fn reopen(&mut self) -> Result<()> {
        self.client.reopen()?;
        self.check(None).map(drop)
    }

    fn typed(&mut self, kind: &Kind) -> Result<()> {
        let name = kind.name;
        self.client
            .execute(&format!("CREATE TABLE {name}_items (v {name}(3))"))?;
        if has(&format!("{}:{}", index_method(), kind.opclass)) {
            let (method, opclass) = (index_method(), kind.opclass);
            self.client.execute(&format!(
                "CREATE INDEX ON {name}_items USING {method} (v {opclass})"
            ))?;
        }
        let found = self.client.typed(kind)?;
        if found != kind.values {
            return Err(format!("found {found:?}, not {:?}", kind.values).into());
        }
        Ok(())
    }

    fn run(&mut self) {
        let result = self.client.create();
        if !self.report("create", result) {
            return;
        }
        let result = self.insert();
        if !self.report("insert", result) {
            return;
        }
        if !index_method().is_empty() {
            let result = self.index();
            self.report("index", result);
        }
        let result = self.check(None).map(drop);
        self.report("search", result);
        let result = self.check(Some("green")).map(drop);
        self.report("filter", result);
        let result = self.update();
        self.report("update", result);
        let result = self.delete();
        self.report("delete", result);
        let result = self.reopen();
        self.report("reopen", result);
        for kind in &KINDS {
            if has(kind.name) {
                let result = self.typed(kind);
                self.report(kind.name, result);
            } else {
                self.report(
                    &format!("{0} # SKIP the server has no {0}", kind.name),
                    Ok(()),
                );
            }
        }
    }
}

fn main() -> Result<()> {
    let client: Box<dyn Client> = match env::args().nth(1).as_deref() {
        Some("tokio_postgres") => Box::new(tokio_postgres_client::Tokio::new()?),
        Some("sqlx") => Box::new(sqlx_client::Sqlx::new()?),
        _ => return Err("no such client".into()),
    };
    let numbers = (1..=ROWS).map(|key| (key, key)).collect();
    Scenario {
        client,
        numbers,
        moved: 0,
        count: 0,
    }
    .run();
    Ok(())
}
