% RabbitMQ 3.10 now and then leaves the only member of a quorum queue without a leader after
% `kill -9`, for ever: it then confirms nothing that goes there (docs/backbone.md). This elects, and
% says how many such queues it found. A queue with members at other nodes elects by itself.
%     rabbitmqctl eval "$(cat deploy/rabbitmq/elect.erl)"
Member = fun(Name) -> [element(2, State) || State <- ets:lookup(ra_state, Name)] end,
Leaderless = [Name || Queue <- rabbit_amqqueue:list(),
                      amqqueue:get_type(Queue) =:= rabbit_quorum_queue,
                      maps:get(nodes, amqqueue:get_type_state(Queue)) =:= [node()],
                      {Name, _} <- [amqqueue:get_pid(Queue)],
                      Member(Name) =/= [leader]],
[ra:trigger_election({Name, node()}) || Name <- Leaderless, Member(Name) =:= [follower]],
length(Leaderless).
