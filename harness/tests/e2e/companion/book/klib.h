/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLIB_H
#define KLIB_H

int klib_add(int a, int b);

#endif
