import type { Platform } from '@holdfast/api';
import {
  IconBrandAndroid,
  IconBrandApple,
  IconBrandWindows,
  IconDeviceDesktop,
  IconTerminal2,
} from '../icons/icons.ts';
import { useTranslation } from 'react-i18next';

const icons: Readonly<Record<Platform, typeof IconTerminal2>> = {
  linux: IconTerminal2,
  windows: IconBrandWindows,
  macos: IconBrandApple,
  android: IconBrandAndroid,
  other: IconDeviceDesktop,
};

export interface PlatformIconProps {
  readonly platform: Platform;
  readonly size: number;
}

export function PlatformIcon({ platform, size }: PlatformIconProps) {
  const { t } = useTranslation('common');
  const Icon = icons[platform];
  return <Icon size={size} stroke={1.5} role="img" aria-label={t(`platform.${platform}`)} />;
}
