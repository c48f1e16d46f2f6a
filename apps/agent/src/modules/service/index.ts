/**
 * Installs the agent, as a systemd service or its files alone, and removes it again. Promises that nothing depends on the folder it
 * was installed from, that every file is replaced whole, that no service is touched without root and a running systemd, and that
 * registration and key survive the removal. Other service managers are not supported yet.
 */
export { ServiceError } from './service.errors.ts';
export { installService, isSystemdRunning, uninstallService } from './service-installation.ts';
export { planServicePlaces, serviceName } from './service-plan.ts';
export { formatStartProgram } from './start-program.ts';
export { formatSystemdUnit } from './systemd-unit.ts';
