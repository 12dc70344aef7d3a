//! `visits duty`: the duty desk's shifts, and who has which case (R-CON-7, R-CON-13).

use clap::Subcommand;
use visits_core::Role;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;

use super::{Context, names};
use crate::client::{self, CallerChannel};
use crate::failure::Failure;
use crate::output::{Column, column};

type Client = EscalationServiceClient<CallerChannel>;

/// What to do about the duty desk.
#[derive(Debug, Subcommand)]
pub enum DutyCommand {
    /// Go on duty
    #[command(after_help = "\
Examples:
  visits duty on --id desk-1
  visits duty on --id desk-1 --sound-tested

On duty is not yet a watch: that is an open console with its sound on.")]
    On {
        /// You have heard the test sound of your console
        #[arg(long)]
        sound_tested: bool,
    },
    /// Go off duty, and say what becomes of each case that you hold
    #[command(after_help = "\
Examples:
  visits duty off --id desk-1 --note 'Nothing is open.'
  visits duty off --id desk-1 --hand 0192f0c1-…=desk-2 --note 'The lead rings back at two.'
  visits duty off --id desk-1 --release 0192f0c1-… --note 'Nobody has it yet.'")]
    Off {
        /// dutyShifts/{uuid}, or the UUID. Default: your own that lasts
        #[arg(long)]
        shift: Option<String>,
        /// How the open cases stand; required while one waits for the desk
        #[arg(long, default_value = "")]
        note: String,
        /// A case that you hold and who takes it, an operator on duty (repeat it for more)
        #[arg(long, value_name = "CASE=OPERATOR")]
        hand: Vec<String>,
        /// A case that you hold and leave to the whole desk (repeat it for more)
        #[arg(long, value_name = "CASE")]
        release: Vec<String>,
    },
    /// Give a case to an operator who is on duty, or leave it to the whole desk
    #[command(after_help = "\
Examples:
  visits duty handover 0192f0c1-… --to desk-2
  visits duty handover cases/0192f0c1-… --release")]
    Handover {
        /// cases/{uuid}, or the UUID
        case: String,
        /// The operator who takes it
        #[arg(long, required_unless_present = "release")]
        to: Option<String>,
        /// Nobody in particular has it
        #[arg(long, conflicts_with = "to")]
        release: bool,
    },
    /// List the shifts, the latest first
    #[command(after_help = "\
Examples:
  visits duty log
  visits duty log --now
  visits duty log --output csv --limit 1000 --as auditor")]
    Log {
        /// Only those that last
        #[arg(long)]
        now: bool,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
}

const SHIFT: [Column; 8] = [
    column("SHIFT", "/name"),
    column("OPERATOR", "/operator"),
    column("STATE", "/state"),
    column("FROM", "/startTime"),
    column("UNTIL", "/endTime"),
    column("SOUND TESTED", "/soundTested"),
    column("AUDIBLE", "/audible"),
    column("NOTE", "/handoverNote"),
];

const CASE: [Column; 4] = [
    column("CASE", "/name"),
    column("STATE", "/state"),
    column("SCHOOL", "/schoolDisplayName"),
    column("WITH", "/holder"),
];

pub(super) async fn run(context: &Context, command: DutyCommand) -> Result<(), Failure> {
    let channel = client::connect(&context.global, Role::DutyDesk).await?;
    let mut client = Client::new(channel);
    match command {
        DutyCommand::On { sound_tested } => {
            let request = pb::GoOnDutyRequest {
                request_id: client::request_id(&context.global)?,
                sound_tested,
            };
            let shift = client.go_on_duty(request).await?;
            context.output.show(shift.get_ref(), &SHIFT)
        }
        DutyCommand::Off {
            shift,
            note,
            hand,
            release,
        } => {
            let handovers = handovers(&hand, &release)?;
            let name = match shift {
                Some(shift) => names::full("dutyShifts", &shift),
                None => own_shift(context, &mut client).await?,
            };
            let request = pb::GoOffDutyRequest {
                name,
                request_id: client::request_id(&context.global)?,
                handover_note: note,
                handovers,
            };
            let shift = client.go_off_duty(request).await?;
            context.output.show(shift.get_ref(), &SHIFT)
        }
        DutyCommand::Handover { case, to, .. } => {
            let request = pb::AssignCaseRequest {
                name: names::full("cases", &case),
                request_id: client::request_id(&context.global)?,
                operator: to.unwrap_or_default(),
                ..pb::AssignCaseRequest::default()
            };
            let case = client.assign_case(request).await?;
            context.output.show(case.get_ref(), &CASE)
        }
        DutyCommand::Log { now, limit } => {
            let shifts = shifts(&mut client, now, limit).await?;
            context.output.list("dutyShifts", &shifts, &SHIFT)
        }
    }
}

/// What becomes of each case: `0192…=desk-2` goes to somebody, the others to the whole desk.
fn handovers(hand: &[String], release: &[String]) -> Result<Vec<pb::Handover>, Failure> {
    let mut handovers = Vec::new();
    for given in hand {
        let Some((case, taker)) = given.split_once('=').filter(|(_, taker)| !taker.is_empty())
        else {
            let what = "must be of the form CASE=OPERATOR";
            return Err(Failure::invalid("--hand", what));
        };
        handovers.push(pb::Handover {
            case: names::full("cases", case),
            taker: taker.to_owned(),
        });
    }
    handovers.extend(release.iter().map(|case| pb::Handover {
        case: names::full("cases", case),
        taker: String::new(),
    }));
    Ok(handovers)
}

/// The caller's shift that lasts. Who a token that was given speaks for is the server's to know.
async fn own_shift(context: &Context, client: &mut Client) -> Result<String, Failure> {
    let Some(operator) = client::principal(&context.global, Role::DutyDesk)? else {
        let what = "is required with a token: visits duty log --now lists the shifts that last";
        return Err(Failure::invalid("--shift", what));
    };
    let shifts = shifts(client, true, usize::MAX).await?;
    let own = shifts.into_iter().find(|shift| shift.operator == operator);
    own.map(|shift| shift.name).ok_or_else(|| {
        Failure::invalid(
            "--shift",
            format!("{operator} is not on duty; whose is it?"),
        )
    })
}

async fn shifts(
    client: &mut Client,
    now: bool,
    limit: usize,
) -> Result<Vec<pb::DutyShift>, Failure> {
    let filter = if now { "state = ON_DUTY" } else { "" };
    let mut found = Vec::new();
    let mut page_token = String::new();
    while found.len() < limit {
        let request = pb::ListDutyShiftsRequest {
            page_size: i32::try_from((limit - found.len()).min(500)).unwrap_or(500),
            page_token,
            filter: filter.to_owned(),
            ..pb::ListDutyShiftsRequest::default()
        };
        let page = client.list_duty_shifts(request).await?.into_inner();
        found.extend(page.duty_shifts);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_con_13_a_case_is_handed_to_somebody_or_released() {
        let given = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let read = handovers(&given(&["7=desk-2"]), &given(&["cases/8"])).expect("read");
        let read: Vec<_> = read
            .iter()
            .map(|handover| (handover.case.as_str(), handover.taker.as_str()))
            .collect();
        assert_eq!(read, [("cases/7", "desk-2"), ("cases/8", "")]);
        for wrong in ["7", "7="] {
            let refused = handovers(&given(&[wrong]), &[]).expect_err("refused");
            assert_eq!(refused.exit_code(), 3, "{wrong}");
        }
    }
}
