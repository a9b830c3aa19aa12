/** What fires, and what fired lately: each with the list that it speaks of, and a way not to be told of it for a while. */
import { StatusPill } from '../../http/components/badge.tsx'
import { Button } from '../../http/components/button.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { AlertRow } from '../../records/alert/alerts.ts'
import { resolvedWords, wordsOf } from '../alerts/words.ts'

/** Rows that are shown: of those that are over the newest. */
const [FIRING, OVER] = [50, 5]

export const AlertList = ({ alerts, now, canMute }: { alerts: AlertRow[]; now: number; canMute: boolean }) => {
  const firing = alerts.filter(({ firing: fires }) => fires)
  const shown = [...firing.slice(0, FIRING), ...alerts.filter(({ firing: fires }) => !fires).slice(0, OVER)]
  if (shown.length === 0) return null
  return (
    <>
      <div class="table-scroll">
        <table class="table">
          <HeadWithActions names={['Alert', 'State', 'What']} />
          <tbody>
            {shown.map(alert => (
              <Row alert={alert} now={now} canMute={canMute} />
            ))}
          </tbody>
        </table>
      </div>
      {firing.length > FIRING && <p class="secondary">{firing.length - FIRING} more fire.</p>}
    </>
  )
}

const Row = ({ alert, now, canMute }: { alert: AlertRow; now: number; canMute: boolean }) => {
  const { title, said, path, open } = wordsOf(alert)
  const { firing, since, mutedUntil } = alert
  const isMuted = mutedUntil !== null && mutedUntil > now
  return (
    <tr>
      <th scope="row" hx-ignore>
        {title}
      </th>
      <td>
        <StatusPill status={firing ? 'stuck' : 'done'}>{firing ? 'Fires' : 'Over'}</StatusPill>{' '}
        <Time at={since} now={now} />
        {isMuted && (
          <>
            , muted until <Time at={mutedUntil} now={now} />
          </>
        )}
      </td>
      <td hx-ignore>
        {firing ? said : resolvedWords(alert)} {firing && <a href={path}>{open}</a>}
      </td>
      <td>
        {canMute && firing && (
          <form method="post" action={`/alerts/${alert.id}/mute`}>
            <input type="hidden" name="hours" value={isMuted ? '0' : '24'} />
            <Button size="small" aria-label={`${isMuted ? 'Tell again' : 'Mute for a day'}: ${title}`}>
              {isMuted ? 'Tell again' : 'Mute for a day'}
            </Button>
          </form>
        )}
      </td>
    </tr>
  )
}
