import {
  addPermission,
  assignRole,
  createOwner,
  createRole,
  enableAcls,
  removeOwner,
  removePermission,
  removeRole,
  show,
  unassignRole,
} from '../acls.js';
import { command, insteadUse, level } from '../command.js';

export const acl = level(
  {
    config: command('-f', show),
    show: command('-f', show, insteadUse('pcs acl config')),
    enable: command('-f', enableAcls(true)),
    disable: command('-f', enableAcls(false)),
    role: level({
      create: command('-f', createRole),
      delete: command('-f --autodelete', removeRole),
      remove: command('-f --autodelete', removeRole),
      assign: command('-f', assignRole),
      unassign: command('-f --autodelete', unassignRole),
    }),
    user: level({
      create: command('-f', createOwner('acl_target')),
      delete: command('-f', removeOwner('acl_target')),
      remove: command('-f', removeOwner('acl_target')),
    }),
    group: level({
      create: command('-f', createOwner('acl_group')),
      delete: command('-f', removeOwner('acl_group')),
      remove: command('-f', removeOwner('acl_group')),
    }),
    permission: level({
      add: command('-f', addPermission),
      delete: command('-f', removePermission),
      remove: command('-f', removePermission),
    }),
  },
  'config',
);
