-- Where a placement stands on the ring, why and where its way ended, where it came from, and what it waits for: what monitoring tells
-- of it, counted by its owner. Said here a second time and not from monitoring's code, so that two counts are compared and not one
-- with itself: the rules are those of services/monitoring/README.md, Figures. Numbers are those of the contract's enumerations.
CREATE FUNCTION placement_counted(facts jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    -- The step of the ring, from 0, at which each stage stands; none for those that leave a placement where it was.
    stands CONSTANT int[] := ARRAY[NULL, 0, 1, 2, 3, 12, 13, 14, NULL, 15, 15, 16, 15, 15, 16, NULL, NULL, NULL, NULL];
    names CONSTANT text[] := ARRAY['PROPOSED', 'SELECTED', 'OFFERED', 'ACCEPTED', 'CONTRACT_SIGNED', 'AUTHORISED', 'VISA_APPLIED',
        'VISA_GRANTED', 'MEDICAL_CLEARED', 'TRAINED', 'PDO_DONE', 'TRAVEL_BOOKED', 'DEPARTED', 'ARRIVED', 'WORKING', 'WORK_ENDED',
        'RETURNED_VERIFIED'];
    sources CONSTANT text[] := ARRAY['ROUND', 'RESERVE', 'RESCUE', 'OVERRIDE'];
    endings CONSTANT text[] := ARRAY['COMPLETED', 'EARLY_COMPLETION', 'RESIGNED', 'TERMINATED', 'ABANDONED', 'NO_SHOW', 'NOT_ARRIVED',
        'REPATRIATED', 'RESCUE_ENDED'];
    now_at CONSTANT int := (facts ->> 'stage')::int;
    ending CONSTANT int := coalesce((facts ->> 'ending')::int, 0);
    steps CONSTANT jsonb := coalesce(facts -> 'steps', '[]');
    last CONSTANT int := jsonb_array_length(steps) - 1;
    tracks CONSTANT jsonb := facts -> 'tracks';
    clocks jsonb := coalesce(facts -> 'clocks', '[]');
    due text;
    stage int;
    here int;
    at int;
    since text;
    fact text;
    reason text;
BEGIN
    -- Backwards from the stage of now: the last step counts, since the first of those that stand there without another between.
    FOR place IN REVERSE last + 1 .. 0 LOOP
        stage := CASE WHEN place > last THEN now_at ELSE (steps -> place ->> 'stage')::int END;
        EXIT WHEN stage = 1;
        here := stands[stage];
        CONTINUE WHEN here IS NULL;
        -- Who did not work to the end left the way where they stood before.
        IF at IS NULL OR here = at OR at >= 15 AND here < 15 AND ending > 2 THEN
            at := here;
            since := steps -> least(place, last) ->> 'on';
        ELSIF at < 15 OR ending <= 2 THEN
            EXIT;
        END IF;
    END LOOP;
    IF at >= 15 AND ending > 2 THEN
        at := CASE ending WHEN 7 THEN 12 WHEN 6 THEN 13 ELSE 14 END;
        since := NULL;
    END IF;
    IF at = 3 THEN
        at := CASE
            WHEN tracks ->> 6 = 'Done' THEN 11
            WHEN tracks ->> 2 = 'Done' THEN
                CASE WHEN tracks ->> 5 = 'Done' THEN 10 WHEN tracks ->> 4 = 'Done' THEN 9 WHEN tracks ->> 3 = 'Done' THEN 8 ELSE 7 END
            WHEN tracks ->> 2 = 'Applied' THEN 6
            WHEN tracks ->> 1 = 'Done' AND (tracks ->> 0 = 'Done' OR steps @> '[{"event": "WorkAuthorised"}]') THEN 5
            WHEN tracks ->> 0 = 'Done' THEN 4
            ELSE 3
        END;
        fact := (ARRAY['ContractSigned', 'WorkAuthorised', 'VisaApplied', 'VisaGranted', 'MedicalCleared', 'TrainingCompleted',
            'OrientationCompleted', 'TravelBooked'])[at - 3];
        FOR place IN REVERSE last .. 0 LOOP
            IF steps -> place ->> 'event' = fact THEN
                since := steps -> place ->> 'on';
                EXIT;
            END IF;
        END LOOP;
    END IF;
    reason := CASE
        WHEN now_at = 19 THEN coalesce(nullif(facts ->> 'reason', ''), 'CANCELLED')
        WHEN ending > 2 AND at < 15 THEN
            CASE WHEN coalesce(stands[now_at] >= 15, now_at IN (16, 17, 18)) THEN endings[ending] END
        WHEN now_at = 17 THEN 'LEFT_PROGRAMME'
        WHEN now_at = 18 THEN 'DECEASED'
        WHEN now_at = 14 OR now_at = 16 AND at IS DISTINCT FROM 16 THEN 'NON_RETURN'
    END;
    -- A case of abuse or health is told by no fact, nor are its clocks: what is due is then the first of the others.
    IF facts -> 'case' ->> 'kind' IN ('ABUSE', 'HEALTH') THEN
        SELECT coalesce(jsonb_agg(clock), '[]'), coalesce(min(clock ->> 'due_on'), '') INTO clocks, due
        FROM jsonb_array_elements(clocks) AS clock
        WHERE clock ->> 'name' NOT IN ('C-CONTACT', 'C-HEARING', 'C-DECIDE');
    END IF;
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'step', names[at + 1], 'since', since, 'reason', reason, 'clocks', clocks, 'due', due,
        'source', coalesce(sources[(facts ->> 'source')::int], 'UNSPECIFIED')
    ));
END
$$;
-- Beside the facts, so that a count reads none of them; whichever build writes a row, and of the rows that are there: each is
-- written again here, once.
ALTER TABLE placement ADD COLUMN counted jsonb GENERATED ALWAYS AS (placement_counted(facts)) STORED;
