//! A rate with its interval, beside the rate of all. The numbers are in the row, so it is hidden from screen readers.

/// Draws the interval, the rate in it, and, dashed, the rate of all; all as shares of 1.
#[must_use]
pub fn interval((low, rate, high): (f64, f64, f64), all: f64) -> String {
    let mut body = String::from("<rect class=\"track\" y=\"4\" width=\"100\" height=\"2\"/>");
    let mut bar = |class: &str, (x, width): (f64, f64), (y, height): (u32, u32)| {
        body.push_str(&format!(
            "<rect class=\"{class}\" x=\"{x:.2}\" y=\"{y}\" width=\"{width:.2}\" height=\"{height}\"/>"
        ));
    };
    let [low, rate, high, all] = [low, rate, high, all].map(|share| (share * 100.0).clamp(0.0, 100.0));
    bar("fill nine", (low, high - low), (3, 4));
    bar("fill", ((rate - 0.8).max(0.0), 1.6), (1, 8));
    for top in [0, 4, 8] {
        bar("mark", ((all - 0.3).max(0.0), 0.6), (top, 2));
    }
    format!(
        "<svg class=\"cellbar clockbar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\" \
         focusable=\"false\">{body}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_stays_within_its_cell() {
        let svg = interval((-0.1, 0.0, 1.2), 0.25);
        assert!(svg.contains("class=\"fill nine\" x=\"0.00\" y=\"3\" width=\"100.00\""), "{svg}");
        assert!(svg.contains("class=\"mark\" x=\"24.70\""), "{svg}");
    }
}
