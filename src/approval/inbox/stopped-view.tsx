/** Tasks that a limit stopped, above what waits for an answer: how they go on is chosen on their own pages. */
import { Time } from '../../http/components/value/time.tsx'
import type { StoppedRow } from '../../records/task/approvals.ts'

export const Stopped = ({ stopped, now }: { stopped: StoppedRow[]; now: number }) =>
  stopped.length === 0 ? null : (
    <section aria-labelledby="stopped">
      <h2 id="stopped">Stopped at a limit</h2>
      <ul class="inbox">
        {stopped.map(({ id, title, workflowName, why, since }) => (
          <li class="inbox-item" id={`stopped-${id}`}>
            <h3>
              <a href={`/tasks/${id}`}>
                <bdi hx-ignore>{title}</bdi>
              </a>
            </h3>
            <span class="number secondary">
              <Time at={since} now={now} />
            </span>
            <p class="approval-meta" hx-ignore>
              <span>{workflowName}</span>
              <span>{why}</span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
