/**
 * What auditors ask with, over the facts of facts.ts. Paths go from each entry to later ones alone, so that every question about them ends.
 */
export const LIBRARY = `
:- use_module(library(lists)).

zkaudit(Entry, type(Type)) :- event(Entry, _, _, Type).
zkaudit(Entry, time(Time)) :- event(Entry, _, Time, _).
zkaudit(Entry, id(Id)) :- event(Entry, Id, _, _).
zkaudit(Entry, input(Digest)) :- input(Entry, Digest).
zkaudit(Entry, output(Digest)) :- output(Entry, Digest).
zkaudit(Entry, field(Name, Value)) :- field(Entry, Name, Value).
zkaudit(Entry, withheld(Name)) :- withheld(Entry, Name).

zkaudit_trace(From, To, Path) :- zkaudit_steps(From, To, -1, Path).
zkaudit_steps(From, To, After, [Entry]) :- input(Entry, From), Entry > After, output(Entry, To).
zkaudit_steps(From, To, After, [Entry | Path]) :-
  input(Entry, From), Entry > After, output(Entry, Between), Between \\= To,
  zkaudit_steps(Between, To, Entry, Path).

zkaudit_replay(Entry, Result) :- replayed(Entry, Result).
zkaudit_replay(Entry, 'not replayed') :- event(Entry, _, _, stage), \\+ replayed(Entry, _).

zkaudit_integrity(Entry, included) :- event(Entry, _, _, _).
zkaudit_integrity(Entry, Result) :- verification(Entry, Result).

zkaudit_infrastructure(Entry, observation(Signal, Name, Service)) :- observation(Entry, Signal, Name, Service).
zkaudit_infrastructure(Entry, system(Runtime, Platform, Arch)) :- system(Entry, Runtime, Platform, Arch).
zkaudit_infrastructure(Entry, model(Model, Server)) :- model(Entry, Model, Server).
`;
