/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the price list offers to other modules. All of it may be called by
 * several threads at once, and may sleep; so may the functions that it calls.
 */
#ifndef PRICES_H
#define PRICES_H

#define ARTICLES 4
#define FIRST_PRICE 100

/* The tax is always a fifth of the net price. */
struct price {
	long net;
	long tax;
};

/*
 * Calls look() with the price of an article. It does not change until look()
 * returns. Any number of threads can look at once. -EINVAL: no such article.
 */
int prices_look(unsigned int article,
		void (*look)(const struct price *price, void *arg), void *arg);

/*
 * Has change() change the price of an article. Nobody else looks at a price or
 * changes one meanwhile. If change() returns an error, that is all, and the
 * error is returned. Otherwise announce() is called with the new price: others
 * can look again, but nobody can change it until announce() returns. -EINVAL:
 * no such article.
 */
int prices_change(unsigned int article,
		  int (*change)(struct price *price, void *arg),
		  void (*announce)(const struct price *price, void *arg),
		  void *arg);

#endif
