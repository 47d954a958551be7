import classes from './quality.module.css'

type Props = {
  readonly type: 'radio' | 'checkbox'
  readonly name: string
  readonly label: string
  readonly isChosen: boolean
  readonly isFixed?: boolean
  readonly onChoose: (isChosen: boolean) => void
}

/** One answer as a wide button: a real input beneath, so that keys and screen readers work as usual. */
export function Option({ type, name, label, isChosen, isFixed = false, onChoose }: Props) {
  return (
    <label className={classes.option}>
      <input
        type={type}
        name={name}
        checked={isChosen}
        disabled={isFixed}
        onChange={(event) => onChoose(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  )
}
