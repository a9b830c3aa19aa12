/** A wait on a task's page: for what, until when, which event it took and which it did not, with the reason. */
import { namesText } from '../../../domain/handler/parts/wait-shape.ts'
import { Time } from '../../../http/components/value/time.tsx'
import type { WaitStory } from '../../page/visit-story.ts'

/** Tells one wait. */
export const WaitView = ({ wait, now }: { wait: WaitStory; now: number }) => {
  const { at, until, names, endedAt, took, passed } = wait
  return (
    <>
      <p class="secondary small">
        The wait {names.length > 0 && <span hx-ignore>for {namesText(names)} </span>}began <Time at={at} now={now} />
        {endedAt !== null && (
          <>
            {' '}
            and ended <Time at={endedAt} now={now} />
            <Took wait={wait} />
          </>
        )}
        {endedAt === null && until !== null && (
          <>
            {' '}
            and ends <Time at={until} now={now} />
            {names.length > 0 && ' at the latest'}
          </>
        )}
        .
      </p>
      {took === null &&
        passed.map(({ at, seq, error, reads }) => (
          <p class="secondary small" hx-ignore>
            <a href={`#event-${seq}`}>An event</a> did not count <Time at={at} now={now} />:{' '}
            {error === null
              ? `the condition does not hold${looked(reads)}.`
              : `the condition could not be evaluated: ${error}.`}
          </p>
        ))}
    </>
  )
}

const Took = ({ wait: { took, names } }: { wait: WaitStory }) => {
  if (names.length === 0) return null
  if (took === null) return <>, as none of them came</>
  return (
    <span hx-ignore>
      {' '}
      with <a href={`#event-${took.seq}`}>{took.name}</a>
    </span>
  )
}

function looked(reads: WaitStory['passed'][number]['reads']): string {
  const values = Object.entries(reads).map(([path, value]) => `${path} is ${JSON.stringify(value)}`)
  return values.length === 0 ? '' : ` (${values.join(', ')})`
}
