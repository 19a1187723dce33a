//! SVG charts with lines on logarithmic axes, or with bars. They take their colours from the page.

use std::fmt::Write;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 220.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 44.0;

/// A line of a chart.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
    /// An index of the page's colours. The first one is for the reference line, which is dashed.
    pub(super) colour: usize,
}

/// A bar of a chart.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) value: f64,
    /// An index of the page's colours.
    pub(super) colour: usize,
}

/// Lines over two logarithmic axes.
pub(super) fn lines(x_name: &str, y_name: &str, series: &[Series]) -> String {
    let points = || series.iter().flat_map(|series| &series.points);
    let Some((x, y)) = axis(points().map(|p| p.0)).zip(axis(points().map(|p| p.1))) else {
        return String::new();
    };
    let mut svg = open(HEIGHT, &format!("{y_name} against {x_name}"));
    for tick in ticks(x, 4.0) {
        let at = place(x, tick, LEFT, WIDTH - RIGHT);
        grid(&mut svg, (at, TOP), (at, HEIGHT - BOTTOM));
        text(
            &mut svg,
            (at, HEIGHT - BOTTOM + 16.0),
            "middle",
            &size(tick),
        );
    }
    for tick in decimals(y) {
        let at = place(y, tick, HEIGHT - BOTTOM, TOP);
        grid(&mut svg, (LEFT, at), (WIDTH - RIGHT, at));
        text(&mut svg, (LEFT - 6.0, at + 4.0), "end", &decimal(tick));
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    text(&mut svg, (middle, HEIGHT - 8.0), "middle", x_name);
    text(&mut svg, (4.0, TOP), "start", y_name);
    for (i, series) in series.iter().enumerate() {
        let mut path = String::new();
        for (px, py) in &series.points {
            let at = (
                place(x, *px, LEFT, WIDTH - RIGHT),
                place(y, *py, HEIGHT - BOTTOM, TOP),
            );
            let _ = write!(path, "{:.1},{:.1} ", at.0, at.1);
        }
        let dashes = if series.colour == 0 { " dashed" } else { "" };
        let colour = series.colour % COLOURS;
        let _ = write!(
            svg,
            r#"<polyline class="line c{colour}{dashes}" points="{path}"/>"#
        );
        let row = TOP + 14.0 + 18.0 * i as f64;
        let key = WIDTH - RIGHT + 10.0;
        let _ = write!(
            svg,
            r#"<polyline class="line c{colour}{dashes}" points="{key},{row} {},{row}"/>"#,
            key + 20.0
        );
        text(&mut svg, (key + 26.0, row + 4.0), "start", &series.name);
    }
    svg.push_str("</svg>");
    svg
}

/// Horizontal bars from zero, each with its name and value, and a dashed line at the floor, which
/// is one.
pub(super) fn bars(bars: &[Bar]) -> String {
    const ROW: f64 = 22.0;
    const NAMES: f64 = 250.0;
    const FOOT: f64 = 24.0;
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    if most <= 0.0 {
        return String::new();
    }
    let scale = (WIDTH - NAMES - 70.0) / most;
    let height = ROW * bars.len() as f64 + 8.0;
    let mut svg = open(height + FOOT, "times the floor");
    for (i, bar) in bars.iter().enumerate() {
        let y = ROW * i as f64 + 4.0;
        let length = scale * bar.value;
        text(&mut svg, (NAMES - 8.0, y + 13.0), "end", &bar.name);
        let colour = bar.colour % COLOURS;
        let _ = write!(
            svg,
            r#"<rect class="bar f{colour}" x="{NAMES}" y="{y}" width="{length:.1}" height="16"/>"#
        );
        let label = format!("×{:.2}", bar.value);
        text(&mut svg, (NAMES + length + 6.0, y + 13.0), "start", &label);
    }
    let floor = NAMES + scale;
    let _ = write!(
        svg,
        r#"<polyline class="line c0 dashed" points="{floor:.1},0 {floor:.1},{height}"/>"#
    );
    text(&mut svg, (floor, height + 14.0), "middle", "floor");
    svg.push_str("</svg>");
    svg
}

/// A chart as a standalone file: on white, with its title.
pub(super) fn alone(title: &str, svg: &str) -> String {
    /// The page's colours for a light background.
    const STYLE: &str = "svg { font: 12px system-ui, sans-serif; } text { fill: #1c1e21; }\
        .grid { stroke: #d9dce0; } .line { fill: none; stroke-width: 2; }\
        .dashed { stroke-dasharray: 6 4; }\
        .f0 { fill: #6b7280; } .f1 { fill: #1d6fd1; } .f2 { fill: #c2410c; }\
        .f3 { fill: #15803d; } .f4 { fill: #7e22ce; } .f5 { fill: #0e7490; }\
        .c0 { stroke: #6b7280; } .c1 { stroke: #1d6fd1; } .c2 { stroke: #c2410c; }\
        .c3 { stroke: #15803d; } .c4 { stroke: #7e22ce; } .c5 { stroke: #0e7490; }";
    const TITLE: f64 = 28.0;
    let height = svg
        .split_once(&format!("viewBox=\"0 0 {WIDTH} "))
        .and_then(|(_, rest)| rest.split_once('"')?.0.parse::<f64>().ok())
        .unwrap_or(HEIGHT);
    let total = height + TITLE;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {total}\" \
         width=\"{WIDTH}\" height=\"{total}\">\n<style>{STYLE}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{total}\" fill=\"#fff\"/>\n\
         <text x=\"8\" y=\"18\" font-weight=\"600\">{}</text>\n\
         <g transform=\"translate(0 {TITLE})\">{}</g>\n</svg>\n",
        escape(title),
        svg.replacen(
            "<svg ",
            &format!("<svg width=\"{WIDTH}\" height=\"{height}\" "),
            1
        )
    )
}

/// How many colours the page has for lines.
const COLOURS: usize = 6;

fn open(height: f64, label: &str) -> String {
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{}">"#,
        escape(label)
    )
}

fn grid(svg: &mut String, from: (f64, f64), to: (f64, f64)) {
    let _ = write!(
        svg,
        r#"<line class="grid" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#,
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, at: (f64, f64), anchor: &str, content: &str) {
    let _ = write!(
        svg,
        r#"<text x="{:.1}" y="{:.1}" text-anchor="{anchor}">{}</text>"#,
        at.0,
        at.1,
        escape(content)
    );
}

/// The logarithms of the smallest and the largest positive value.
fn axis(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let logs = values.filter(|value| *value > 0.0).map(f64::ln);
    let (low, high) = logs.fold((f64::MAX, f64::MIN), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    // A single value gets some margin.
    (low <= high).then_some((low - 0.1, high + 0.1))
}

fn place((low, high): (f64, f64), value: f64, from: f64, to: f64) -> f64 {
    from + (value.ln() - low) / (high - low) * (to - from)
}

/// The powers of `base` between the ends of an axis.
fn ticks((low, high): (f64, f64), base: f64) -> impl Iterator<Item = f64> {
    let first = (low / base.ln()).ceil() as i32;
    let last = (high / base.ln()).floor() as i32;
    (first..=last).map(move |power| base.powi(power))
}

/// The powers of ten between the ends of an axis. If there are few, also twice and five times
/// those.
fn decimals(axis: (f64, f64)) -> Vec<f64> {
    let tens: Vec<_> = ticks(axis, 10.0).collect();
    if tens.len() > 2 {
        return tens;
    }
    let (low, high) = (axis.0.exp(), axis.1.exp());
    let from = low.log10().floor() as i32;
    (from..=from + 3)
        .flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(power)))
        .filter(|tick| (low..=high).contains(tick))
        .collect()
}

/// A rounded number.
fn decimal(value: f64) -> String {
    match value {
        v if v >= 1e9 => format!("{:.0}G", v / 1e9),
        v if v >= 1e6 => format!("{:.0}M", v / 1e6),
        v if v >= 1e3 => format!("{:.0}k", v / 1e3),
        v if v < 1.0 => format!("{v:.2}"),
        v => format!("{v:.0}"),
    }
}

/// A size in bytes.
fn size(value: f64) -> String {
    match value {
        v if v >= f64::from(1 << 20) => format!("{:.0}M", v / f64::from(1 << 20)),
        v if v >= 1024.0 => format!("{:.0}K", v / 1024.0),
        v => format!("{v:.0}"),
    }
}

/// Text that is safe inside HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
