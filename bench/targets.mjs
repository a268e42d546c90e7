/** From so many processors on, a second instance finds one that is not busy. */
const PROCESSORS_FOR_TWO = 4;

const least = (what, value, limit) => ({ what, value, limit, met: value >= limit });
const below = (what, value, limit) => ({ what, value, limit, met: value < limit });

/** What we want to reach, and whether we do; `limit` is the least or what it has to stay below. */
export function judgeTargets(result) {
  const { verify, sequencer, flood, refusals, instances, issue, audit, exported, memory, start } = result;
  const { overload, machine } = result;
  const [one, some, many] = [1, 32, 128].map((count) =>
    verify.find(({ connections }) => connections === count),
  );
  const issuing = issue.find(({ connections }) => connections === 32);
  return [
    least('verify at 128 connections, of the ceiling', many.ratio, 0.45),
    below('verify at 128 connections, p99 in ms', many.product.p99, 50),
    least('verify at 32 connections, of the ceiling', some.ratio, 0.4),
    below('verify at 32 connections, p99 in ms', some.product.p99, 15),
    least('verify at 1 connection, of one look-up and one insert', one.ofDirect, 0.6),
    least('issue at 32 connections, of the same inserts', issuing.ratio, 0.6),
    least('refusals at 128 connections, of verifications', refusals.ratio, 1),
    least('two instances, of one', instances.ratio, machine.processors >= PROCESSORS_FOR_TWO ? 1.3 : 1),
    below('verify beside a flood, p99 of what it is without', flood.p99Ratio, 2),
    below('overload, p99 of what is accepted in ms', overload.p99, 250),
    below('overload, neither served nor told when to come back', overload.failed, 1),
    below('overload, seconds until it is as before', overload.backAfterS, 10),
    least('verify with the sequencer, of without it', sequencer.ratio, 0.9),
    below('from an answer to its event’s place in the log, p99 in ms', sequencer.lag.p99, 1_000),
    below('first page of the audit log, of its statements by themselves', audit.ratio, 2),
    below(
      'memory for an export, beside what the idle process holds, in MB',
      exported.peakMB - exported.idleMB,
      150,
    ),
    below('memory under load in MB', memory.peakMB, 180),
    below('start on existing data, to /readyz, in s', start.warmMs / 1000, 1.5),
  ];
}
