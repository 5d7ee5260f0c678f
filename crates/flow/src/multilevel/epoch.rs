//! Anchors and restarts, as both iterative methods have them (B. Halpern 1967; restarts of H. Lu and J. Yang 2024).

/// A restart has come when the residual has fallen to this share of the first one of its epoch.
const SUFFICIENT: f64 = 0.2;
/// And to this share when it rises again.
const NECESSARY: f64 = 0.8;

/// The iterations since the last restart.
pub struct Epoch {
    /// How many.
    pub length: u32,
    first_residual: f64,
    last_residual: f64,
}

impl Epoch {
    /// Before any iteration.
    pub const NEW: Epoch = Epoch { length: 0, first_residual: f64::INFINITY, last_residual: f64::INFINITY };

    /// The share of an iterate that is not drawn back to the anchor.
    pub fn share(&self) -> f64 {
        f64::from(self.length + 1) / f64::from(self.length + 2)
    }

    /// Counts an iteration; whether its residual asks for a restart.
    pub fn count(&mut self, residual: f64) -> bool {
        self.length += 1;
        if self.length == 1 {
            self.first_residual = residual;
        }
        let sufficient = residual <= SUFFICIENT * self.first_residual;
        let necessary = residual <= NECESSARY * self.first_residual && residual > self.last_residual;
        self.last_residual = residual;
        sufficient || necessary
    }

    /// Begins anew.
    pub fn restart(&mut self) {
        self.length = 0;
    }
}

/// A reflection drawn back to its anchor.
pub fn anchored(share: f64, reflected: f64, anchor: f64) -> f64 {
    share * reflected + (1.0 - share) * anchor
}
