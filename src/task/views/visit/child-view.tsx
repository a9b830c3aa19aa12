/** A task of another workflow on the page of the one that started it: which, how it stands, what it waits for. */
import type { Status } from '../../../domain/task/state.ts'
import { StateMark } from '../../../http/components/badge.tsx'
import { Time } from '../../../http/components/value/time.tsx'
import type { ChildStory } from '../../page/visit-story.ts'
import type { Related } from '../task-page.ts'

/** Tells one child. `related`: tasks as the index knows them, which may trail the log by a moment. */
export const ChildView = ({ child, related, now }: { child: ChildStory; related: Related; now: number }) => {
  const { at, seq, task, of, waits, recalledAt, ended } = child
  const known = related.get(task)
  const status = ended?.standing ?? (known?.status as Status | undefined) ?? 'running'
  const isOpen = status !== 'done' && status !== 'cancelled'
  return (
    <div class="stack-tight" id={`event-${seq}`}>
      <p>
        {waits ? (ended === null && recalledAt === null ? 'Waits for' : 'Waited for') : 'Started'}{' '}
        <a href={`/tasks/${task}`} hx-ignore>
          {known?.title ?? task}
        </a>{' '}
        <span hx-ignore>of “{of}”</span> <StateMark status={status} />
      </p>
      <p class="secondary small">
        Started <Time at={at} now={now} />
        {ended !== null && (
          <>
            , {ENDED[ended.standing]} <Time at={ended.at} now={now} />
          </>
        )}
        {recalledAt !== null && (
          <>
            , called back <Time at={recalledAt} now={now} />, as it was no longer waited for
          </>
        )}
        .{isOpen && known !== undefined && <span hx-ignore> {known.why}</span>}
      </p>
    </div>
  )
}

const ENDED = { done: 'done', failed: 'failed', cancelled: 'cancelled' } as const
