//! The front in a report: `front.json`, as `corridor front` writes it.

use super::form::{FrontData, FrontPoint};
use serde_json::Value;

/// The `format` that is read.
const FORMAT: &str = "corridor-front/1";

/// The points of a front, each with its plan where the page has it: `kept` are the points whose plans it has, in order. `None` where it is
/// no front of this format.
pub fn data(front: &Value, kept: &[usize]) -> Option<FrontData> {
    if front["format"] != FORMAT {
        return None;
    }
    let number = |value: &Value| value.as_f64();
    let point = |(index, point): (usize, &Value)| {
        let rate = &point["exchange_rate"];
        Some(FrontPoint {
            weighted_people: number(&point["weighted_people"])?,
            harm: number(&point["harm"])?,
            exchange_rate: (number(&rate[0])?, number(&rate[1])),
            bound: number(&point["bound"]),
            plan: kept.iter().position(|point| *point == index),
            file: point["plan"].as_str().unwrap_or_default().to_string(),
        })
    };
    let points = front["points"].as_array()?.iter().enumerate().map(point).collect::<Option<Vec<_>>>()?;
    let corner = |corner: &Value| Some((number(&corner[0])?, number(&corner[1])?));
    Some(FrontData {
        tolerance: number(&front["tolerance"])?,
        harm_view: front["harm_view"].as_str()?.to_string(),
        covered: front["covered"].as_bool()?,
        coverage: number(&front["coverage"]).unwrap_or(f64::MAX),
        impossible: front["impossible"].as_array()?.iter().map(corner).collect::<Option<_>>()?,
        points,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn points_lead_to_the_plans_of_the_page_and_the_last_rate_may_have_no_end() {
        let front = json!({"format": "corridor-front/1", "tolerance": 0.002, "harm_view": "expected", "covered": true, "coverage": 0.5,
            "impossible": [[1.25, 70.1], [3.0, 90.6]], "points": [
            {"weighted_people": 90.5, "harm": 3.0, "exchange_rate": [0, 12.5], "bound": 90.6, "plan": "point-1/plan.json"},
            {"weighted_people": 70, "harm": 1.25, "exchange_rate": [12.5, null], "bound": 70.1, "plan": "point-2/plan.json"},
        ]});
        let data = data(&front, &[1]).expect("a front");
        let told: Vec<_> = data.points.iter().map(|point| (point.weighted_people, point.exchange_rate, point.plan)).collect();
        assert_eq!(told, [(90.5, (0.0, Some(12.5)), None), (70.0, (12.5, None), Some(0))]);
        assert_eq!((data.impossible[1], data.points[0].file.as_str()), ((3.0, 90.6), "point-1/plan.json"));
        assert!(super::data(&json!({"format": "corridor-front/9"}), &[0]).is_none());
        assert!(super::data(&json!({"format": "corridor-front/1", "tolerance": 0, "points": [{}]}), &[0]).is_none());
    }
}
