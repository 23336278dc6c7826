//! What a search restricts, as SQL of either store.

use super::schema::TABLES;
use crate::model::layer::{FeatureQuery, Kind, Layer, Property};
use geo::{BoundingRect, Geometry};
use jiff::Timestamp;
use rusqlite::types::Value as Sql;
use serde_json::Value;

/// Whose SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// With this store's own functions and the GeoPackage's R-trees.
    Sqlite,
    /// PostgreSQL with PostGIS.
    PostGis,
}

impl Dialect {
    /// A row's geometry as its store's reader takes it.
    pub(super) fn geometry(self) -> &'static str {
        match self {
            Self::Sqlite => "geom",
            Self::PostGis => "ST_AsBinary(geom, 'NDR')",
        }
    }

    /// What stands before the number of a value.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Sqlite => '?',
            Self::PostGis => '$',
        }
    }

    /// Orders a constant text by its bytes, as columns are.
    pub(super) fn by_bytes(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::PostGis => " COLLATE \"C\"",
        }
    }
}

/// What a property is read from.
pub(super) fn expression(dialect: Dialect, layer: &Layer, property: &Property) -> String {
    let column = property.column;
    let table = TABLES.iter().find(|table| table.name == layer.table);
    let is_time = table.is_some_and(|table| table.columns.contains(&(column, "DATETIME")));
    match dialect {
        _ if !is_time || property.kind != Kind::Integer => column.to_owned(),
        Dialect::Sqlite => format!("CAST(strftime('%s', {column}) AS INTEGER)"),
        Dialect::PostGis => format!("CAST(floor(extract(epoch FROM {column})) AS bigint)"),
    }
}

/// Conditions joined by AND, and their values.
pub(super) struct Filter {
    dialect: Dialect,
    conditions: Vec<String>,
    pub(super) values: Vec<Sql>,
}

impl Filter {
    /// Without a condition.
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            conditions: vec!["TRUE".to_owned()],
            values: Vec::new(),
        }
    }

    /// All that a query restricts, except where its page begins.
    pub(super) fn of(dialect: Dialect, layer: &Layer, query: &FeatureQuery) -> Self {
        let mut filter = Self::new(dialect);
        filter.add_boxes(layer.table, &query.boxes);
        // Features without a time match every time (OGC 17-069r3, requirement 25).
        if let (Some((from, to)), Some(time)) = (&query.times, layer.time_column) {
            for (sign, bound) in [(">=", from), ("<=", to)] {
                if let Some(bound) = bound {
                    let mark = filter.mark(Sql::Text(bound.clone()));
                    filter.conditions.push(format!("{time} {sign} {mark}"));
                }
            }
        }
        for (index, value) in &query.equal {
            let property = &layer.properties[*index];
            let condition = match to_sql(dialect, property.kind, value) {
                Some(value) => {
                    let column = expression(dialect, layer, property);
                    format!("{column} = {}", filter.mark(value))
                }
                None => "FALSE".to_owned(),
            };
            filter.conditions.push(condition);
        }
        if let Some(id) = &query.id {
            let mark = filter.mark(Sql::Text(id.clone()));
            filter
                .conditions
                .push(format!("{} = {mark}", layer.id_column));
        }
        filter
    }

    pub(super) fn add_boxes(&mut self, table: &str, boxes: &[[f64; 4]]) {
        let any: Vec<String> = boxes
            .iter()
            .map(|bounds| {
                let [west, south, east, north] = bounds.map(|bound| self.mark(Sql::Real(bound)));
                match self.dialect {
                    // The R-tree's bounds are rounded outwards to 32 bits, so that the geometry itself is asked after it.
                    Dialect::Sqlite => format!(
                        "(fid IN (SELECT id FROM \"rtree_{table}_geom\" WHERE maxx >= {west} AND minx <= {east}
                         AND maxy >= {south} AND miny <= {north})
                         AND tidewatch_touches(geom, {west}, {south}, {east}, {north}))"
                    ),
                    // A box without width or height becomes a line or a point.
                    Dialect::PostGis => format!(
                        "ST_Intersects(geom, ST_SetSRID(CAST(ST_MakeBox2D(ST_Point({west}, {south}),
                         ST_Point({east}, {north})) AS geometry), 4326))"
                    ),
                }
            })
            .collect();
        if !any.is_empty() {
            self.conditions.push(format!("({})", any.join(" OR ")));
        }
    }

    /// First the box about the shape, through the spatial index, then the shape itself.
    pub(super) fn add_shape(&mut self, table: &str, shape: &Geometry<f64>) {
        let text = match self.dialect {
            Dialect::Sqlite => serde_json::to_string(shape).ok(),
            Dialect::PostGis => Some(geojson::Geometry::from(shape).to_string()),
        };
        let (Some(bounds), Some(text)) = (shape.bounding_rect(), text) else {
            // A shape without extent meets nothing.
            return self.add("FALSE".to_owned());
        };
        let (low, high) = (bounds.min(), bounds.max());
        self.add_boxes(table, &[[low.x, low.y, high.x, high.y]]);
        let mark = self.mark(Sql::Text(text));
        self.add(match self.dialect {
            Dialect::Sqlite => format!("tidewatch_meets(geom, {mark})"),
            Dialect::PostGis => {
                format!("ST_Intersects(geom, ST_SetSRID(ST_GeomFromGeoJSON(CAST({mark} AS text)), 4326))")
            }
        });
    }

    /// Only rows whose `column` is in the list.
    pub(super) fn add_list(&mut self, column: &str, list: &[String]) {
        // No id holds a NUL, and PostgreSQL's text cannot.
        let list: Vec<&String> = list.iter().filter(|id| !id.contains('\0')).collect();
        let mark = self.mark(Sql::Text(
            Value::from_iter(list.iter().map(|id| id.as_str())).to_string(),
        ));
        self.add(match self.dialect {
            Dialect::Sqlite => format!("{column} IN (SELECT value FROM json_each({mark}))"),
            Dialect::PostGis => format!(
                "{column} IN (SELECT json_array_elements_text(CAST(CAST({mark} AS text) AS json)))"
            ),
        });
    }

    /// Where the query's page begins.
    pub(super) fn add_after(&mut self, layer: &Layer, query: &FeatureQuery) {
        let id = layer.id_column;
        let condition = match (&query.after, layer.time_column) {
            (None, _) => return,
            (Some((None, last)), Some(time)) => {
                let mark = self.mark(Sql::Text(last.clone()));
                format!("({time} IS NOT NULL OR {id} > {mark})")
            }
            (Some((Some(at), last)), Some(time)) => {
                let (at, last) = (
                    self.mark(Sql::Text(at.clone())),
                    self.mark(Sql::Text(last.clone())),
                );
                format!("({time}, {id}) > ({at}, {last})")
            }
            (Some((None, last)), None) => format!("{id} > {}", self.mark(Sql::Text(last.clone()))),
            // Without times nothing lies behind one.
            (Some((Some(_), _)), None) => "FALSE".to_owned(),
        };
        self.conditions.push(condition);
    }

    pub(super) fn add(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    pub(super) fn mark(&mut self, value: Sql) -> String {
        self.values.push(value);
        format!("{}{}", self.dialect.sign(), self.values.len())
    }

    pub(super) fn sql(&self) -> String {
        self.conditions.join(" AND ")
    }

    /// Counts what matches in a table.
    pub(super) fn count(&self, table: &str) -> String {
        format!("SELECT count(*) FROM \"{table}\" WHERE {}", self.sql())
    }
}

/// The value that a property is to have; `None` if none of its kind can be that.
fn to_sql(dialect: Dialect, kind: Kind, value: &Value) -> Option<Sql> {
    let value = match value {
        Value::Bool(flag) => Sql::Integer((*flag).into()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Sql::Integer(whole),
            None => Sql::Real(number.as_f64()?),
        },
        Value::String(text) => Sql::Text(text.clone()),
        _ => return None,
    };
    match (dialect, kind, value) {
        (Dialect::Sqlite, _, value) => Some(value),
        // PostgreSQL's types are strict.
        (_, Kind::Integer, Sql::Real(number)) => {
            let is_whole = number.fract() == 0.0 && number.abs() < 9.0e15;
            is_whole.then_some(Sql::Integer(number as i64))
        }
        (_, Kind::Time, Sql::Text(text)) => {
            text.parse::<Timestamp>().ok()?;
            Some(Sql::Text(text))
        }
        (_, Kind::Text, value @ Sql::Text(_))
        | (_, Kind::Integer | Kind::Flag, value @ Sql::Integer(_))
        | (_, Kind::Number, value @ (Sql::Integer(_) | Sql::Real(_))) => Some(value),
        _ => None,
    }
}
