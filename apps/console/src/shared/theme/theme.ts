import {
  ActionIcon,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  Input,
  Menu,
  Modal,
  Popover,
  Tooltip,
} from '@mantine/core';
import {
  darkPalette,
  fontFamily,
  lightPalette,
  monospaceFamily,
  neutral,
  night,
  type Palette,
  red,
  sea,
} from './tokens.ts';

type MutableScale = [string, string, string, string, string, string, string, string, string, string];

const scrollingChoices = { defaultProps: { withScrollArea: false }, classNames: { options: 'hf-options' } };

export const theme = createTheme({
  colors: {
    sea: [...sea] as MutableScale,
    gray: [...neutral] as MutableScale,
    dark: [...night] as MutableScale,
    red: [...red] as MutableScale,
  },
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 6 },
  white: '#ffffff',
  black: lightPalette.text,
  fontFamily,
  fontFamilyMonospace: monospaceFamily,
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.35', sm: '1.45', md: '1.45', lg: '1.4', xl: '1.3' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '3px', sm: '5px', md: '6px', lg: '10px', xl: '16px' },
  defaultRadius: 'md',
  headings: {
    fontFamily,
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    Button: Button.extend({
      defaultProps: { size: 'sm' },
      vars: (_, props) => ({
        root: props.size === 'sm' ? { '--button-height': '32px', '--button-padding-x': '12px' } : {},
      }),
      styles: { root: { fontWeight: 500 } },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Input: Input.extend({
      vars: (_, props) => ({
        input: {},
        wrapper: (props.size ?? 'sm') === 'sm' ? { '--input-height': '34px' } : {},
      }),
    }),
    InputWrapper: {
      styles: {
        label: { fontWeight: 500, marginBottom: '4px' },
        description: { color: 'var(--hf-text-soft)', marginBottom: '4px' },
        error: { color: 'var(--hf-failed)', marginTop: '4px' },
      },
    },
    Modal: Modal.extend({
      defaultProps: {
        centered: false,
        yOffset: '10dvh',
        overlayProps: { backgroundOpacity: 0.4 },
        transitionProps: { duration: 120, transition: 'fade' },
      },
      styles: { title: { fontSize: '16px', fontWeight: 600 } },
    }),
    Drawer: Drawer.extend({
      defaultProps: {
        position: 'right',
        overlayProps: { backgroundOpacity: 0.12 },
        transitionProps: { duration: 120 },
      },
      styles: { title: { fontSize: '16px', fontWeight: 600 } },
    }),
    // Choices open within what they belong to, where a dialog keeps the focus. Without the components themselves, which no page
    // has to load that shows none.
    Combobox: { defaultProps: { withinPortal: false } },
    Select: scrollingChoices,
    MultiSelect: scrollingChoices,
    Menu: Menu.extend({
      defaultProps: {
        withInitialFocusPlaceholder: false,
        withinPortal: false,
        shadow: 'md',
        transitionProps: { duration: 80 },
      },
    }),
    Popover: Popover.extend({
      defaultProps: { withinPortal: false, shadow: 'md', transitionProps: { duration: 80 } },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        openDelay: 350,
        withArrow: false,
        transitionProps: { duration: 80 },
        multiline: true,
        maw: 320,
      },
    }),
  },
});

function variablesOf(palette: Palette): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(palette)) {
    variables[`--hf-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`] = value;
  }
  return {
    ...variables,
    '--mantine-color-body': palette.canvas,
    '--mantine-color-text': palette.text,
    '--mantine-color-dimmed': palette.textSoft,
    '--mantine-color-placeholder': palette.textSoft,
    '--mantine-color-anchor': palette.accent,
    '--mantine-color-default-border': palette.lineStrong,
    '--mantine-color-default-hover': palette.hover,
    '--mantine-color-error': palette.failed,
    '--mantine-shadow-md': palette.shadow,
    '--mantine-color-gray-light-hover': palette.hover,
    '--mantine-color-gray-light-color': palette.textSoft,
  };
}

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: variablesOf(lightPalette),
  dark: variablesOf(darkPalette),
});
