import { Menu, useMantineColorScheme } from '@mantine/core';
import {
  IconBrightness,
  IconKeyboard,
  IconLock,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserShield,
} from '../../shared/icons/icons.ts';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useDialogs } from '../../shared/dialogs/dialog-request.ts';
import { useGrantText } from '../../shared/session/use-grant-text.ts';
import { useSession } from '../../shared/session/session-context.ts';
import { initialsOf } from './initials.ts';
import classes from './top-bar.module.css';
import { useSignOut } from './use-sign-out.ts';

const schemes = [
  { scheme: 'auto', icon: IconBrightness },
  { scheme: 'light', icon: IconSun },
  { scheme: 'dark', icon: IconMoon },
] as const;

export function AccountMenu() {
  const { t } = useTranslation('shell');
  const session = useSession();
  const openDialog = useDialogs();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const text = useGrantText();
  const name = session.displayName === '' ? session.name : session.displayName;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <button type="button" className={classes.avatar}>
          <span className="hf-visually-hidden">{t('account.open', { name })}</span>
          <span aria-hidden="true">{initialsOf(name)}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <span className={classes.whoName}>{name}</span>
          <span className={classes.whoRole}>
            {session.roles.length === 0 ? session.name : text.all(session.roles)}
          </span>
        </div>
        <Menu.Divider />
        <Menu.Label>{t('account.theme')}</Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(value) => {
            const next = schemes.find((one) => one.scheme === value);
            if (next !== undefined) setColorScheme(next.scheme);
          }}
        >
          {schemes.map(({ scheme, icon: Icon }) => (
            <Menu.RadioItem key={scheme} value={scheme} rightSection={<Icon size={16} stroke={1.75} />}>
              {t(`account.${scheme}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconUserShield size={16} stroke={1.75} />}
          onClick={() => void navigate({ to: '/administration/sessions' })}
        >
          {t('account.sessions')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLock size={16} stroke={1.75} />}
          onClick={() => openDialog({ kind: 'change-password' })}
        >
          {t('account.password')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconKeyboard size={16} stroke={1.75} />}
          onClick={() => openDialog({ kind: 'shortcuts' })}
        >
          {t('account.shortcuts')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.75} />} onClick={signOut}>
          {t('account.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
