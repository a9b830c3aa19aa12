/** `/settings/permissions`: who may do what, made of the very table that every page is opened by. */
import { Hono } from 'hono'
import { ACTS, type Act, may, ROLE_MEANS, ROLES } from '../../domain/permissions.ts'
import { Icon } from '../../http/components/icon.tsx'
import { type PageEnv, page } from '../../http/page/page.tsx'
import { Settings } from '../settings-frame.tsx'

export const permissionRoutes = new Hono<PageEnv>()

permissionRoutes.get('/settings/permissions', c =>
  page(c, { title: 'Who may do what', active: 'settings', width: 'wide' }, <Permissions />),
)

const Permissions = () => (
  <Settings at="people">
    <header class="page-head">
      <div>
        <h1>Who may do what</h1>
        <p>Pages and the API ask this very table. A key may do what its scopes name, whoever made it.</p>
      </div>
    </header>
    <section class="table-scroll" aria-label="Permissions" tabindex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Act</th>
            {ROLES.map(role => (
              <th scope="col">{role}</th>
            ))}
            <th scope="col">A key needs</th>
          </tr>
        </thead>
        <tbody>
          {(Object.keys(ACTS) as Act[]).map(act => (
            <tr>
              <th scope="row">{sentence(ACTS[act].what)}</th>
              {ROLES.map(role => (
                <td>
                  {may({ role }, act) ? (
                    <Icon name="done" label={`${role}: yes`} />
                  ) : (
                    <span aria-label={`${role}: no`} role="img">
                      –
                    </span>
                  )}
                </td>
              ))}
              <td>{ACTS[act].scope === null ? 'people only' : <code>{ACTS[act].scope}</code>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
    <dl class="facts section">
      {ROLES.map(role => (
        <>
          <dt>{role}</dt>
          <dd>{ROLE_MEANS[role]}</dd>
        </>
      ))}
    </dl>
  </Settings>
)

function sentence(what: string): string {
  return `${what[0]!.toUpperCase()}${what.slice(1)}`
}
