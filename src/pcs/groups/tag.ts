import { command, insteadUse, level } from '../command.js';
import { createTag, removeTags, showTags, updateTag } from '../tags.js';

export const tag = level(
  {
    create: command('-f', createTag),
    config: command('-f', showTags),
    list: command('-f', showTags, insteadUse('pcs tag config')),
    update: command('-f --before --after', updateTag),
    remove: command('-f', removeTags),
    delete: command('-f', removeTags),
  },
  'config',
);
