//! The front in a report: `front.json`, as `corridor front` writes it.

use super::form::{FrontData, FrontPoint};
use serde_json::Value;

/// The `format` that is read.
const FORMAT: &str = "corridor-front/1";

/// The points of a front, each with the plan of the page that has its place: the plans of the page are those of the points, in order.
/// `None` where it is no front of this format.
pub fn data(front: &Value, plans: usize) -> Option<FrontData> {
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
            plan: (index < plans).then_some(index),
        })
    };
    let points = front["points"].as_array()?.iter().enumerate().map(point).collect::<Option<Vec<_>>>()?;
    Some(FrontData { tolerance: number(&front["tolerance"])?, points })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn points_lead_to_the_plans_of_the_page_and_the_last_rate_may_have_no_end() {
        let front = json!({"format": "corridor-front/1", "tolerance": 0.002, "points": [
            {"weighted_people": 90.5, "harm": 3.0, "exchange_rate": [0, 12.5], "bound": 90.6, "plan": "point-1/plan.json"},
            {"weighted_people": 70, "harm": 1.25, "exchange_rate": [12.5, null], "bound": 70.1, "plan": "point-2/plan.json"},
        ]});
        let data = data(&front, 1).expect("a front");
        let told: Vec<_> = data.points.iter().map(|point| (point.weighted_people, point.exchange_rate, point.plan)).collect();
        assert_eq!(told, [(90.5, (0.0, Some(12.5)), Some(0)), (70.0, (12.5, None), None)]);
        assert!(super::data(&json!({"format": "corridor-front/9"}), 1).is_none());
        assert!(super::data(&json!({"format": "corridor-front/1", "tolerance": 0, "points": [{}]}), 1).is_none());
    }
}
