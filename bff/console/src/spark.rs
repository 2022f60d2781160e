//! Small charts, drawn here as SVG: a line with gaps where nothing is known, one sentence that says the same, and a table.

use kit::Frame;
use serde::Serialize;

/// Width and height of the drawing.
const SIZE: (f64, f64) = (600.0, 72.0);
/// Rows of the table.
const ROWS: usize = 12;

/// A chart.
#[derive(Clone, Debug, Serialize)]
pub struct Spark {
    /// The key of its name.
    pub name: String,
    /// Seconds it looks back.
    pub seconds: i64,
    /// The points of each unbroken line.
    #[serde(skip)]
    pub lines: Vec<String>,
    pub now: Option<f64>,
    pub most: Option<f64>,
    pub mean: Option<f64>,
    /// Seconds ago, and the mean of that stretch; `None`: not known.
    pub table: Vec<(i64, Option<f64>)>,
}

/// Draws a series of (seconds ago, value).
pub fn draw(name: &str, series: &[(f64, Option<f64>)], seconds: i64) -> Spark {
    let known: Vec<f64> = series.iter().filter_map(|(_, value)| *value).collect();
    let most = known.iter().copied().reduce(f64::max);
    let top = most.unwrap_or(1.0).max(1.0);
    let (mut lines, mut line) = (Vec::new(), String::new());
    for (ago, value) in series {
        let Some(value) = value else {
            lines.extend(Some(std::mem::take(&mut line)).filter(|line| !line.is_empty()));
            continue;
        };
        let x = SIZE.0 * (1.0 - ago / seconds as f64);
        let y = 2.0 + (SIZE.1 - 4.0) * (1.0 - value / top);
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&format!("{x:.1},{y:.1}"));
    }
    lines.extend(Some(line).filter(|line| !line.is_empty()));
    let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
    Spark {
        name: name.to_owned(),
        seconds,
        lines,
        now: series.last().and_then(|(_, value)| *value),
        most,
        mean,
        table: table(series, seconds),
    }
}

fn table(series: &[(f64, Option<f64>)], seconds: i64) -> Vec<(i64, Option<f64>)> {
    let step = seconds as f64 / ROWS as f64;
    (0..ROWS)
        .map(|row| {
            let (from, to) = (row as f64 * step, (row + 1) as f64 * step);
            let within: Vec<f64> = series.iter().filter(|(ago, _)| *ago >= from && *ago < to).filter_map(|(_, value)| *value).collect();
            (from as i64, (!within.is_empty()).then(|| within.iter().sum::<f64>() / within.len() as f64))
        })
        .collect()
}

/// `3.2`, `0`, `128`; `—` when it is not known.
pub fn figure(value: &Option<f64>) -> String {
    match value {
        None => "—".into(),
        Some(value) if *value >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.1}"),
    }
}

impl Spark {
    /// The chart in a sentence.
    pub fn sentence(&self, f: &Frame) -> String {
        let minutes = (self.seconds / 60).to_string();
        if self.most.is_none() {
            return f.ta("spark-nothing", "minutes", &minutes);
        }
        let args = [("now", figure(&self.now)), ("most", figure(&self.most)), ("mean", figure(&self.mean)), ("minutes", minutes)];
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
        format!("{}: {}", f.t(format!("chart-{}", self.name)), f.tx("spark-sentence", &args))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_breaks_the_line_and_is_no_nought() {
        let spark = draw("commands", &[(30.0, Some(1.0)), (20.0, Some(2.0)), (10.0, None), (0.0, Some(4.0))], 60);
        assert_eq!(spark.lines, ["300.0,53.0 400.0,36.0", "600.0,2.0"]);
        assert_eq!((spark.now, spark.most), (Some(4.0), Some(4.0)));
        assert_eq!(spark.table[..3], [(0, Some(4.0)), (5, None), (10, None)]);
        assert_eq!([None, Some(0.0), Some(3.21), Some(128.4)].map(|v| figure(&v)), ["—", "0", "3.2", "128"]);
    }
}
