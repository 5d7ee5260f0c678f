//! All that is told of a plan, worked out once for the screen, for JSON and for the files.

use crate::confirm;
use crate::danger::DangerAccount;
use crate::limits::{self, GainIn, Limit, Prices};
use crate::loads::{self, Loads};
use crate::reasons::{self, Facts, LeftBehind};
use crate::words::LocalTime;
use corridor_model::exact::{to_f64, whole};
use corridor_model::plan_file::PriceList;
use corridor_model::{Exact, Scenario};
use corridor_plan::{HarmView, Planned, Request};
use corridor_verify::{Harm, Report, harm_if_nobody_moves, verify};
use jiff::civil::Date;
use num_traits::{One, Signed};
use std::collections::BTreeMap;

/// Limits that are printed and, in small cases, confirmed.
pub const LIMITS_SHOWN: usize = 5;

/// What is told of one plan.
pub struct Account<'a> {
    pub scenario: &'a Scenario,
    pub local: &'a LocalTime,
    pub request: Request,
    pub planned: Planned,
    /// The verdict of `corridor-verify` on the plan as it is written.
    pub report: Report,
    pub loads: Loads,
    pub left: Vec<LeftBehind>,
    /// Dearest first.
    pub limits: Vec<Limit>,
    pub harm_if_nobody_moves: Harm,
    /// Heads by the local day of their out-time.
    pub out_by_day: BTreeMap<Date, u64>,
    /// Hours from the start to the out-time, mean over heads; `None` when nobody is out.
    pub mean_out_hours: Option<f64>,
    /// How the danger was estimated and what depends on that; `None` where the case states its rates.
    pub danger: Option<DangerAccount>,
}

/// When the effect of the dearest limits is solved again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    Never,
    InSmallCases,
    Always,
}

impl<'a> Account<'a> {
    /// Works all of it out. `confirm_always`: solve again for the dearest limits however large the case is.
    pub fn new(scenario: &'a Scenario, local: &'a LocalTime, request: Request, planned: Planned, confirm_always: bool) -> Account<'a> {
        let confirm = if confirm_always { Confirm::Always } else { Confirm::InSmallCases };
        Account::with(scenario, local, request, planned, confirm)
    }

    /// As [`Account::new`].
    pub fn with(scenario: &'a Scenario, local: &'a LocalTime, request: Request, planned: Planned, confirm: Confirm) -> Account<'a> {
        let prices = match request.harm {
            HarmView::Expected => Prices::of(scenario, planned.file.prices.as_ref(), &planned.dearest),
            // Where the attacker of the worst case would strike is told nowhere but in the restricted folder.
            HarmView::Worst => {
                let shown = planned.file.prices.clone().map(|prices| PriceList { crowd: Vec::new(), attacker: None, ..prices });
                Prices::of(scenario, shown.as_ref(), &planned.dearest)
            }
        };
        let everybody: Exact = scenario.groups.iter().map(|group| &group.weight * whole(group.people)).sum();
        let most = everybody - planned.objective(&request.exchange_rate, request.harm);
        let mut limits = limits::limits(scenario, &prices, to_f64(&most));
        if confirm == Confirm::Always || confirm == Confirm::InSmallCases && confirm::is_small(scenario) {
            for limit in limits.iter_mut().take(LIMITS_SHOWN) {
                limit.confirmed = confirm::gain(scenario, &request, limit, &planned);
            }
        }
        // The two take longest where plans are large, and share nothing that changes.
        let (report, loads) = std::thread::scope(|scope| {
            let report = scope.spawn(|| verify(scenario, &planned.file));
            let loads = Loads::new(scenario, &planned.movements);
            (report.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), loads)
        });
        let evaluation = &planned.evaluation;
        let facts = Facts { scenario, exchange_rate: &request.exchange_rate, evaluation, prices: &prices, local };
        let left = reasons::left_behind(&facts);
        let mut out_by_day = BTreeMap::new();
        for movement in planned.movements.iter() {
            if let Some((begins, ends)) = loads::crossing(scenario, movement) {
                let time = scenario.time_at(scenario.out_time(begins, ends));
                *out_by_day.entry(local.day(time)).or_insert(0) += movement.people;
            }
        }
        let step_hours = to_f64(&scenario.step_hours());
        let mean = |people: u64| evaluation.sum_out_time as f64 / people as f64 * step_hours;
        Account {
            loads,
            report,
            left,
            limits,
            harm_if_nobody_moves: harm_if_nobody_moves(scenario),
            out_by_day,
            mean_out_hours: (evaluation.people > 0).then(|| mean(evaluation.people)),
            scenario,
            local,
            request,
            planned,
            danger: None,
        }
    }

    /// Everybody in the case.
    pub fn everybody(&self) -> u64 {
        self.scenario.groups.iter().map(|group| group.people).sum()
    }

    /// Heads left behind.
    pub fn left_people(&self) -> u64 {
        self.left.iter().map(|left| left.people).sum()
    }

    /// Whether heads and weights differ.
    pub fn is_weighted(&self) -> bool {
        self.scenario.groups.iter().any(|group| !group.weight.is_one())
    }

    /// Whether harm counts in the objective.
    pub fn harm_counts(&self) -> bool {
        self.request.exchange_rate.is_positive()
    }

    /// What one more unit of something scarce gains is counted in.
    pub fn gain_in(&self) -> GainIn {
        match (self.is_weighted(), self.harm_counts()) {
            (true, _) => GainIn::WeightedWorth,
            (false, true) => GainIn::Worth,
            (false, false) => GainIn::PeopleOut,
        }
    }

    /// `people − μ · harm`, in the view that was planned for.
    pub fn objective(&self) -> Exact {
        self.planned.objective(&self.request.exchange_rate, self.request.harm)
    }
}
