//! The way back: what may have had an effect is undone, last first, until every undo is applied.

use kernel::{Outcome, Refused};

use crate::append::Moved;
use crate::board::Way;
use crate::definition::{Kind, Saga, Step};
use crate::drive::{Drive, Tries};
use crate::log::{Phase, SagaEvent};

impl<S: Saga> Drive<'_, S> {
    /// Undoes the first `reached` steps. That it does is written down first: a step asked again after a crash would give
    /// its old answer, and the saga would go forward over what it has undone.
    pub async fn unwind(&mut self, reached: usize, refused: &Refused) -> Result<(), Moved> {
        let steps = S::steps(self.log.v);
        let undoable = |step: &Step<S::State>| (step.when)(&self.state) && matches!(step.kind, Kind::Undoable(_));
        let undone: Vec<_> = steps.iter().enumerate().take(reached).rev().filter(|(_, step)| undoable(step)).collect();
        if undone.is_empty() {
            return Ok(());
        }
        if !matches!(self.log.phase, Phase::Unwinding(..)) {
            let event = SagaEvent::TurnedBack { state: self.learnt(), reached, refused: refused.clone() };
            self.note("turned-back", event).await?;
        }
        for (i, step) in undone {
            self.desk.board.at(self.id, Way::Back, i);
            self.undo(step).await?;
        }
        Ok(())
    }

    /// One undo. Nothing here may fail; it is asked until it is applied.
    async fn undo(&mut self, step: &Step<S::State>) -> Result<(), Moved> {
        let Kind::Undoable(undo) = step.kind else { return Ok(()) };
        let call = undo(&self.state);
        let forward = self.key(step, 0, &(step.call)(&self.state, 0));
        let key = format!("{forward}/undo");
        let (began, mut tries) = (self.desk.clock.now(), Tries::default());
        loop {
            let answer = self.attempt(&call, &key, Some(&forward), &tries).await;
            let heard = match answer.outcome {
                Outcome::Applied { .. } => return Ok(()),
                Outcome::Rejected(refused) => {
                    self.stuck(step.name, &refused.code).await?;
                    refused.code
                }
                Outcome::Retry(code) => code.into_owned(),
                Outcome::Unknown | Outcome::Pending { .. } => "unknown".into(),
            };
            self.breathe(step.name, heard, began, &mut tries).await?;
        }
    }
}
