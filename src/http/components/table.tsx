/** Heads of tables: plain, and with a last column for what can be done with a row. */

export const Head = ({ names }: { names: string[] }) => (
  <thead>
    <tr>
      {names.map(name => (
        <th scope="col">{name}</th>
      ))}
    </tr>
  </thead>
)

export const HeadWithActions = ({ names }: { names: string[] }) => (
  <thead>
    <tr>
      {names.map(name => (
        <th scope="col">{name}</th>
      ))}
      <th scope="col">
        <span class="visually-hidden">Actions</span>
      </th>
    </tr>
  </thead>
)
