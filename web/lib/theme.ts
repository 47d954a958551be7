import {
  ActionIcon,
  Button,
  createTheme,
  type CSSVariablesResolver,
  Modal,
  type MantineColorsTuple,
  Paper,
  Tooltip,
} from '@mantine/core'

/** Deep green of a tea garden: the one colour that means "act here". */
const pine: MantineColorsTuple = [
  '#e8f4ef',
  '#d0e7de',
  '#a5d1c1',
  '#75b9a2',
  '#4ea287',
  '#348f73',
  '#24806a',
  '#1a6a58',
  '#135446',
  '#0b3e34',
]
const stone: MantineColorsTuple = [
  '#f7f8f6',
  '#eef1ee',
  '#dfe4df',
  '#c9d1cb',
  '#aab5ae',
  '#86948c',
  '#67766e',
  '#4d5b54',
  '#36423c',
  '#1d2722',
]
const night: MantineColorsTuple = [
  '#e6ece8',
  '#b9c6bf',
  '#9dada5',
  '#6f8078',
  '#3d4a44',
  '#2b3631',
  '#202924',
  '#181f1c',
  '#121815',
  '#0c110f',
]
const brick: MantineColorsTuple = [
  '#fdecea',
  '#fad7d2',
  '#f3aea5',
  '#ec8478',
  '#e3604f',
  '#d3432f',
  '#b93424',
  '#9c2a1d',
  '#7f2117',
  '#5f170f',
]
const marigold: MantineColorsTuple = [
  '#fff5e0',
  '#fde8c0',
  '#fad58a',
  '#f6c052',
  '#efab25',
  '#d9930c',
  '#b37606',
  '#8a5a02',
  '#694401',
  '#4a2f00',
]

/** The words beside a box or switch are part of the target. */
const choiceStyles = { body: { alignItems: 'center' }, label: { paddingBlock: 10 } }

export const theme = createTheme({
  colors: { pine, gray: stone, dark: night, red: brick, yellow: marigold },
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  black: '#17211c',
  fontFamily: "'Inter Variable', 'Noto Sans Devanagari Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
  headings: {
    fontWeight: '640',
    sizes: {
      h1: { fontSize: '1.625rem', lineHeight: '1.25' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  radius: { xs: '4px', sm: '6px', md: '10px', lg: '14px', xl: '20px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    // Targets of 44 px: gloves, thumbs and tired hands.
    Button: Button.extend({
      defaultProps: { size: 'md' },
      styles: { root: { minHeight: 44, fontWeight: 600 } },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { size: 44, variant: 'subtle', color: 'gray' } }),
    SegmentedControl: { styles: { label: { minHeight: 44, display: 'grid', placeContent: 'center' } } },
    Checkbox: { styles: choiceStyles },
    Switch: { styles: choiceStyles },
    Menu: { styles: { item: { minHeight: 44 } } },
    Paper: Paper.extend({ defaultProps: { radius: 'lg' } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        radius: 'lg',
        padding: 'lg',
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
        // A header inside a dialog is no banner of the page.
        attributes: { header: { role: 'none' } },
      },
      styles: {
        content: { background: 'var(--sr-surface)' },
        header: { background: 'var(--sr-surface)' },
        title: { fontWeight: 640, fontSize: '1.0625rem' },
        close: { width: 44, height: 44 },
      },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, openDelay: 300 } }),
    // A hint stands under its field, so that the fields of a row stay in line.
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
    Input: { vars: () => ({ wrapper: { '--input-height': '44px' } }) },
    Notification: { styles: { closeButton: { width: 44, height: 44 } } },
    Burger: { styles: { root: { width: 44, height: 44 } } },
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
    NumberInput: { defaultProps: { size: 'md' } },
    Select: { defaultProps: { size: 'md' } },
    DateInput: { defaultProps: { size: 'md' } },
    Textarea: { defaultProps: { size: 'md' } },
  },
})

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f4f6f3',
    '--mantine-color-text': '#17211c',
    '--mantine-color-dimmed': '#52615a',
    '--mantine-color-placeholder': '#66756d',
    '--mantine-color-default': '#ffffff',
    '--mantine-color-default-border': '#cdd5cf',
    '--mantine-color-default-hover': '#f0f3f0',
    '--mantine-color-error': '#9c2a1d',
    '--mantine-color-anchor': '#135446',
  },
  dark: {
    '--mantine-color-body': '#0f1412',
    '--mantine-color-text': '#e6ece8',
    '--mantine-color-dimmed': '#a2b1a9',
    '--mantine-color-placeholder': '#8b9a92',
    '--mantine-color-default': '#171e1b',
    '--mantine-color-default-border': '#35413b',
    '--mantine-color-default-hover': '#202924',
    '--mantine-color-error': '#ff9d90',
    '--mantine-color-anchor': '#75c9ad',
  },
})
