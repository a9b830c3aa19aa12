/** The head of a table whose last column holds what can be done with a row. */

export const HeadWithActions = ({ names }: { names: string[] }) => (
  <thead>
    <tr>
      {names.map(name => (
        <th>{name}</th>
      ))}
      <th>
        <span class="visually-hidden">Actions</span>
      </th>
    </tr>
  </thead>
)
