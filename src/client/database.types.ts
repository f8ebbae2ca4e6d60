import type {
  CodeSource,
  DiscountType,
  DistanceBand,
  Language,
  LapseKind,
  LimitPeriod,
  MarkedTasks,
  NoShowDecision,
  NotificationChannel,
  NotificationDigest,
  NotificationTypeName,
  OfferStatus,
  OpeningHours,
  PhoneSharing,
  PhoneStatus,
  PlaceCategory,
  PlaceSource,
  PointTransactionType,
  RedemptionEndReason,
  RedemptionStatus,
  RewardFunding,
  TaskEventAction,
  TaskStatus,
  TrustPartName,
} from "../../supabase/functions/_shared/contracts/index.ts";

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      categories: {
        Row: {
          is_active: boolean;
          name_de: string;
          name_en: string;
          parent_slug: string | null;
          position: number;
          slug: string;
        };
        ComputedFields: never;
        Insert: {
          is_active?: boolean;
          name_de: string;
          name_en: string;
          parent_slug?: string | null;
          position?: number;
          slug: string;
        };
        Update: {
          is_active?: boolean;
          name_de?: string;
          name_en?: string;
          parent_slug?: string | null;
          position?: number;
          slug?: string;
        };
        Relationships: [
          {
            foreignKeyName: "categories_parent_slug_fkey";
            columns: ["parent_slug"];
            isOneToOne: false;
            referencedRelation: "categories";
            referencedColumns: ["slug"];
          },
        ];
      };
      found_task: {
        Row: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          cursor: string;
          description: string;
          distance_m: number;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          rank: number;
          reward_funding: RewardFunding;
          snippet: string;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          assigned_at?: string | null;
          category: string;
          closed_at?: string | null;
          completed_at?: string | null;
          created_at: string;
          creator_id: string;
          cursor: string;
          description: string;
          distance_m: number;
          ends_at?: string | null;
          expires_at?: string | null;
          finished_at?: string | null;
          helper_id?: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id?: string | null;
          points_reward: number;
          rank: number;
          reward_funding: RewardFunding;
          snippet: string;
          started_at?: string | null;
          starts_at?: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        Update: {
          assigned_at?: string | null;
          category?: string;
          closed_at?: string | null;
          completed_at?: string | null;
          created_at?: string;
          creator_id?: string;
          cursor?: string;
          description?: string;
          distance_m?: number;
          ends_at?: string | null;
          expires_at?: string | null;
          finished_at?: string | null;
          helper_id?: string | null;
          id?: string;
          image_paths?: string[];
          is_flexible?: boolean;
          latitude?: number;
          longitude?: number;
          metadata?: NonNullable<Json>;
          neighbourhood_id?: string | null;
          points_reward?: number;
          rank?: number;
          reward_funding?: RewardFunding;
          snippet?: string;
          started_at?: string | null;
          starts_at?: string | null;
          status?: TaskStatus;
          terms_version?: number;
          title?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      lapses: {
        Row: {
          assigned_at: string;
          contested_at: string | null;
          created_at: string;
          decided_at: string | null;
          decision: NoShowDecision | null;
          decision_reason: string | null;
          helper_id: string;
          id: number;
          kind: LapseKind;
          statement: string | null;
          task_id: string;
        };
        ComputedFields: never;
        Insert: {
          assigned_at: string;
          contested_at?: string | null;
          created_at?: string;
          decided_at?: string | null;
          decision?: NoShowDecision | null;
          decision_reason?: string | null;
          helper_id: string;
          id?: never;
          kind: LapseKind;
          statement?: string | null;
          task_id: string;
        };
        Update: {
          assigned_at?: string;
          contested_at?: string | null;
          created_at?: string;
          decided_at?: string | null;
          decision?: NoShowDecision | null;
          decision_reason?: string | null;
          helper_id?: string;
          id?: never;
          kind?: LapseKind;
          statement?: string | null;
          task_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "lapses_helper_id_fkey";
            columns: ["helper_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "lapses_task_id_fkey";
            columns: ["task_id"];
            isOneToOne: false;
            referencedRelation: "tasks";
            referencedColumns: ["id"];
          },
        ];
      };
      message: {
        Row: {
          body: string | null;
          created_at: string;
          deleted_at: string | null;
          id: number;
          offer_id: string;
          recipient_id: string;
          sender_id: string;
        };
        ComputedFields: never;
        Insert: {
          body?: string | null;
          created_at: string;
          deleted_at?: string | null;
          id: number;
          offer_id: string;
          recipient_id: string;
          sender_id: string;
        };
        Update: {
          body?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          id?: number;
          offer_id?: string;
          recipient_id?: string;
          sender_id?: string;
        };
        Relationships: [];
      };
      message_settings: {
        Row: {
          show_read_marks: boolean;
          show_text: boolean;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          show_read_marks?: boolean;
          show_text?: boolean;
          user_id: string;
        };
        Update: {
          show_read_marks?: boolean;
          show_text?: boolean;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "message_settings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      nearby_task: {
        Row: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          cursor: string;
          description: string;
          distance_m: number;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          assigned_at?: string | null;
          category: string;
          closed_at?: string | null;
          completed_at?: string | null;
          created_at: string;
          creator_id: string;
          cursor: string;
          description: string;
          distance_m: number;
          ends_at?: string | null;
          expires_at?: string | null;
          finished_at?: string | null;
          helper_id?: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id?: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at?: string | null;
          starts_at?: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        Update: {
          assigned_at?: string | null;
          category?: string;
          closed_at?: string | null;
          completed_at?: string | null;
          created_at?: string;
          creator_id?: string;
          cursor?: string;
          description?: string;
          distance_m?: number;
          ends_at?: string | null;
          expires_at?: string | null;
          finished_at?: string | null;
          helper_id?: string | null;
          id?: string;
          image_paths?: string[];
          is_flexible?: boolean;
          latitude?: number;
          longitude?: number;
          metadata?: NonNullable<Json>;
          neighbourhood_id?: string | null;
          points_reward?: number;
          reward_funding?: RewardFunding;
          started_at?: string | null;
          starts_at?: string | null;
          status?: TaskStatus;
          terms_version?: number;
          title?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      neighbourhoods: {
        Row: {
          area: unknown;
          created_at: string;
          id: string;
          name: string;
          outline: Json | null;
          slug: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          area: unknown;
          created_at?: string;
          id?: string;
          name: string;
          outline?: never;
          slug: string;
          updated_at?: string;
        };
        Update: {
          area?: unknown;
          created_at?: string;
          id?: string;
          name?: string;
          outline?: never;
          slug?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      notification_preferences: {
        Row: {
          channel: NotificationChannel;
          is_enabled: boolean;
          type: NotificationTypeName;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          channel: NotificationChannel;
          is_enabled: boolean;
          type: NotificationTypeName;
          user_id: string;
        };
        Update: {
          channel?: NotificationChannel;
          is_enabled?: boolean;
          type?: NotificationTypeName;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "notification_preferences_type_fkey";
            columns: ["type"];
            isOneToOne: false;
            referencedRelation: "notification_types";
            referencedColumns: ["type"];
          },
          {
            foreignKeyName: "notification_preferences_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      notification_settings: {
        Row: {
          digest: NotificationDigest;
          digested_id: number;
          is_email_enabled: boolean;
          is_web_push_enabled: boolean;
          next_digest_at: string | null;
          quiet_from: string | null;
          quiet_until: string | null;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          digest?: NotificationDigest;
          digested_id?: number;
          is_email_enabled?: boolean;
          is_web_push_enabled?: boolean;
          next_digest_at?: string | null;
          quiet_from?: string | null;
          quiet_until?: string | null;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          digest?: NotificationDigest;
          digested_id?: number;
          is_email_enabled?: boolean;
          is_web_push_enabled?: boolean;
          next_digest_at?: string | null;
          quiet_from?: string | null;
          quiet_until?: string | null;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "notification_settings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      notification_types: {
        Row: {
          body_de: string;
          body_en: string;
          email_default: boolean;
          in_app_default: boolean;
          past_de: string | null;
          past_en: string | null;
          title_de: string;
          title_en: string;
          told_when: string;
          type: NotificationTypeName;
          web_push_default: boolean;
        };
        ComputedFields: never;
        Insert: {
          body_de: string;
          body_en: string;
          email_default?: boolean;
          in_app_default?: boolean;
          past_de?: string | null;
          past_en?: string | null;
          title_de: string;
          title_en: string;
          told_when: string;
          type: NotificationTypeName;
          web_push_default?: boolean;
        };
        Update: {
          body_de?: string;
          body_en?: string;
          email_default?: boolean;
          in_app_default?: boolean;
          past_de?: string | null;
          past_en?: string | null;
          title_de?: string;
          title_en?: string;
          told_when?: string;
          type?: NotificationTypeName;
          web_push_default?: boolean;
        };
        Relationships: [];
      };
      notifications: {
        Row: {
          actor_id: string | null;
          created_at: string;
          dedupe_key: string | null;
          id: number;
          offer_id: string | null;
          queued_at: string | null;
          rating_id: string | null;
          read_at: string | null;
          redemption_id: string | null;
          task_id: string | null;
          type: NotificationTypeName;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          actor_id?: string | null;
          created_at?: string;
          dedupe_key?: string | null;
          id?: never;
          offer_id?: string | null;
          queued_at?: string | null;
          rating_id?: string | null;
          read_at?: string | null;
          redemption_id?: string | null;
          task_id?: string | null;
          type: NotificationTypeName;
          user_id: string;
        };
        Update: {
          actor_id?: string | null;
          created_at?: string;
          dedupe_key?: string | null;
          id?: never;
          offer_id?: string | null;
          queued_at?: string | null;
          rating_id?: string | null;
          read_at?: string | null;
          redemption_id?: string | null;
          task_id?: string | null;
          type?: NotificationTypeName;
          user_id?: string;
        };
        Relationships: [];
      };
      partners: {
        Row: {
          created_at: string;
          description: string | null;
          id: string;
          is_active: boolean;
          logo_url: string | null;
          name: string;
          updated_at: string;
          website_url: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          logo_url?: string | null;
          name: string;
          updated_at?: string;
          website_url?: string | null;
        };
        Update: {
          created_at?: string;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          logo_url?: string | null;
          name?: string;
          updated_at?: string;
          website_url?: string | null;
        };
        Relationships: [];
      };
      place_reviews: {
        Row: {
          comment: string | null;
          created_at: string;
          id: string;
          place_id: string;
          rating: number;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          comment?: string | null;
          created_at?: string;
          id?: string;
          place_id: string;
          rating: number;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          comment?: string | null;
          created_at?: string;
          id?: string;
          place_id?: string;
          rating?: number;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "place_reviews_place_id_fkey";
            columns: ["place_id"];
            isOneToOne: false;
            referencedRelation: "places";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "place_reviews_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      places: {
        Row: {
          address: string | null;
          category: PlaceCategory;
          created_at: string;
          description: string | null;
          id: string;
          is_active: boolean;
          latitude: number;
          location: unknown;
          longitude: number;
          name: string;
          opening_hours: OpeningHours | null;
          partner_id: string | null;
          rating_average: number;
          rating_count: number;
          rating_sum: number;
          source: PlaceSource;
          source_id: string | null;
          types: string[];
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          address?: string | null;
          category?: PlaceCategory;
          created_at?: string;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          latitude: number;
          location?: never;
          longitude: number;
          name: string;
          opening_hours?: OpeningHours | null;
          partner_id?: string | null;
          rating_average?: number;
          rating_count?: number;
          rating_sum?: number;
          source?: PlaceSource;
          source_id?: string | null;
          types?: string[];
          updated_at?: string;
        };
        Update: {
          address?: string | null;
          category?: PlaceCategory;
          created_at?: string;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          latitude?: number;
          location?: never;
          longitude?: number;
          name?: string;
          opening_hours?: OpeningHours | null;
          partner_id?: string | null;
          rating_average?: number;
          rating_count?: number;
          rating_sum?: number;
          source?: PlaceSource;
          source_id?: string | null;
          types?: string[];
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "places_partner_id_fkey";
            columns: ["partner_id"];
            isOneToOne: false;
            referencedRelation: "partners";
            referencedColumns: ["id"];
          },
        ];
      };
      point_accounts: {
        Row: {
          balance: number;
          earned: number;
          spent: number;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          balance?: number;
          earned?: number;
          spent?: number;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          balance?: number;
          earned?: number;
          spent?: number;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "point_accounts_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      point_transactions: {
        Row: {
          amount: number;
          balance_after: number;
          created_at: string;
          description: string | null;
          id: number;
          metadata: Json | null;
          redemption_id: string | null;
          task_id: string | null;
          type: PointTransactionType;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          amount: number;
          balance_after: number;
          created_at?: string;
          description?: string | null;
          id: number;
          metadata?: Json | null;
          redemption_id?: string | null;
          task_id?: string | null;
          type: PointTransactionType;
          user_id: string;
        };
        Update: {
          amount?: number;
          balance_after?: number;
          created_at?: string;
          description?: string | null;
          id?: number;
          metadata?: Json | null;
          redemption_id?: string | null;
          task_id?: string | null;
          type?: PointTransactionType;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "point_transactions_task_id_fkey";
            columns: ["task_id"];
            isOneToOne: false;
            referencedRelation: "tasks";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "point_transactions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "point_accounts";
            referencedColumns: ["user_id"];
          },
        ];
      };
      preferences: {
        Row: {
          category: string;
          created_at: string;
          rating: number;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          category: string;
          created_at?: string;
          rating: number;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          category?: string;
          created_at?: string;
          rating?: number;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "preferences_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      ratings: {
        Row: {
          comment: string | null;
          created_at: string;
          id: string;
          ratee_id: string;
          rater_id: string;
          revealed_at: string | null;
          score: number;
          task_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          comment?: string | null;
          created_at?: string;
          id?: string;
          ratee_id: string;
          rater_id: string;
          revealed_at?: string | null;
          score: number;
          task_id: string;
          updated_at?: string;
        };
        Update: {
          comment?: string | null;
          created_at?: string;
          id?: string;
          ratee_id?: string;
          rater_id?: string;
          revealed_at?: string | null;
          score?: number;
          task_id?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      recommended_task: {
        Row: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          cursor: string;
          description: string;
          distance_m: number;
          ends_at: string | null;
          expires_at: string | null;
          explanation_de: string;
          explanation_en: string;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          part_popularity: number;
          part_preference: number;
          part_proximity: number;
          part_rating: number;
          points_reward: number;
          reward_funding: RewardFunding;
          score: number;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          assigned_at?: string | null;
          category: string;
          closed_at?: string | null;
          completed_at?: string | null;
          created_at: string;
          creator_id: string;
          cursor: string;
          description: string;
          distance_m: number;
          ends_at?: string | null;
          expires_at?: string | null;
          explanation_de: string;
          explanation_en: string;
          finished_at?: string | null;
          helper_id?: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id?: string | null;
          part_popularity: number;
          part_preference: number;
          part_proximity: number;
          part_rating: number;
          points_reward: number;
          reward_funding: RewardFunding;
          score: number;
          started_at?: string | null;
          starts_at?: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        Update: {
          assigned_at?: string | null;
          category?: string;
          closed_at?: string | null;
          completed_at?: string | null;
          created_at?: string;
          creator_id?: string;
          cursor?: string;
          description?: string;
          distance_m?: number;
          ends_at?: string | null;
          expires_at?: string | null;
          explanation_de?: string;
          explanation_en?: string;
          finished_at?: string | null;
          helper_id?: string | null;
          id?: string;
          image_paths?: string[];
          is_flexible?: boolean;
          latitude?: number;
          longitude?: number;
          metadata?: NonNullable<Json>;
          neighbourhood_id?: string | null;
          part_popularity?: number;
          part_preference?: number;
          part_proximity?: number;
          part_rating?: number;
          points_reward?: number;
          reward_funding?: RewardFunding;
          score?: number;
          started_at?: string | null;
          starts_at?: string | null;
          status?: TaskStatus;
          terms_version?: number;
          title?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      redemptions: {
        Row: {
          discount_currency: string | null;
          discount_type: DiscountType;
          discount_value: number | null;
          end_reason: RedemptionEndReason | null;
          ended_at: string | null;
          expires_at: string;
          expiry_refund_points: number;
          id: string;
          idempotency_key: string;
          partner_id: string;
          partner_name: string;
          points_spent: number;
          redeemed_at: string;
          returnable_until: string | null;
          reward_id: string;
          status: RedemptionStatus;
          till_reference: string | null;
          title_de: string;
          title_en: string;
          used_at: string | null;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          discount_currency?: string | null;
          discount_type: DiscountType;
          discount_value?: number | null;
          end_reason?: RedemptionEndReason | null;
          ended_at?: string | null;
          expires_at: string;
          expiry_refund_points: number;
          id: string;
          idempotency_key: string;
          partner_id: string;
          partner_name: string;
          points_spent: number;
          redeemed_at?: string;
          returnable_until?: string | null;
          reward_id: string;
          status: RedemptionStatus;
          till_reference?: string | null;
          title_de: string;
          title_en: string;
          used_at?: string | null;
          user_id: string;
        };
        Update: {
          discount_currency?: string | null;
          discount_type?: DiscountType;
          discount_value?: number | null;
          end_reason?: RedemptionEndReason | null;
          ended_at?: string | null;
          expires_at?: string;
          expiry_refund_points?: number;
          id?: string;
          idempotency_key?: string;
          partner_id?: string;
          partner_name?: string;
          points_spent?: number;
          redeemed_at?: string;
          returnable_until?: string | null;
          reward_id?: string;
          status?: RedemptionStatus;
          till_reference?: string | null;
          title_de?: string;
          title_en?: string;
          used_at?: string | null;
          user_id?: string;
        };
        Relationships: [];
      };
      reward_stocks: {
        Row: {
          reward_id: string;
          taken: number;
          total: number;
        };
        ComputedFields: never;
        Insert: {
          reward_id: string;
          taken?: number;
          total: number;
        };
        Update: {
          reward_id?: string;
          taken?: number;
          total?: number;
        };
        Relationships: [
          {
            foreignKeyName: "reward_stocks_reward_id_fkey";
            columns: ["reward_id"];
            isOneToOne: true;
            referencedRelation: "rewards";
            referencedColumns: ["id"];
          },
        ];
      };
      rewards: {
        Row: {
          code_source: CodeSource;
          code_valid_days: number;
          created_at: string;
          description_de: string | null;
          description_en: string | null;
          discount_currency: string | null;
          discount_type: DiscountType;
          discount_value: number | null;
          expiry_refund_percent: number;
          id: string;
          is_active: boolean;
          is_limited: boolean;
          limit_per_member: number | null;
          limit_period: LimitPeriod | null;
          partner_id: string;
          points_cost: number;
          return_days: number;
          terms_de: string | null;
          terms_en: string | null;
          title_de: string;
          title_en: string;
          updated_at: string;
          valid_from: string;
          valid_until: string | null;
        };
        ComputedFields: never;
        Insert: {
          code_source?: CodeSource;
          code_valid_days?: number;
          created_at?: string;
          description_de?: string | null;
          description_en?: string | null;
          discount_currency?: string | null;
          discount_type: DiscountType;
          discount_value?: number | null;
          expiry_refund_percent?: number;
          id?: string;
          is_active?: boolean;
          is_limited?: boolean;
          limit_per_member?: number | null;
          limit_period?: LimitPeriod | null;
          partner_id: string;
          points_cost: number;
          return_days?: number;
          terms_de?: string | null;
          terms_en?: string | null;
          title_de: string;
          title_en: string;
          updated_at?: string;
          valid_from?: string;
          valid_until?: string | null;
        };
        Update: {
          code_source?: CodeSource;
          code_valid_days?: number;
          created_at?: string;
          description_de?: string | null;
          description_en?: string | null;
          discount_currency?: string | null;
          discount_type?: DiscountType;
          discount_value?: number | null;
          expiry_refund_percent?: number;
          id?: string;
          is_active?: boolean;
          is_limited?: boolean;
          limit_per_member?: number | null;
          limit_period?: LimitPeriod | null;
          partner_id?: string;
          points_cost?: number;
          return_days?: number;
          terms_de?: string | null;
          terms_en?: string | null;
          title_de?: string;
          title_en?: string;
          updated_at?: string;
          valid_from?: string;
          valid_until?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "rewards_partner_id_fkey";
            columns: ["partner_id"];
            isOneToOne: false;
            referencedRelation: "partners";
            referencedColumns: ["id"];
          },
        ];
      };
      task_events: {
        Row: {
          action: TaskEventAction;
          actor_id: string | null;
          created_at: string;
          creator_id: string;
          details: Json | null;
          helper_id: string | null;
          id: number;
          task_id: string;
        };
        ComputedFields: never;
        Insert: {
          action: TaskEventAction;
          actor_id?: string | null;
          created_at?: string;
          creator_id: string;
          details?: Json | null;
          helper_id?: string | null;
          id?: never;
          task_id: string;
        };
        Update: {
          action?: TaskEventAction;
          actor_id?: string | null;
          created_at?: string;
          creator_id?: string;
          details?: Json | null;
          helper_id?: string | null;
          id?: never;
          task_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "task_events_task_id_fkey";
            columns: ["task_id"];
            isOneToOne: false;
            referencedRelation: "tasks";
            referencedColumns: ["id"];
          },
        ];
      };
      task_marker: {
        Row: {
          latitude: number;
          longitude: number;
          splits_at_zoom: number | null;
          task_count: number;
          tasks: MarkedTasks | null;
        };
        ComputedFields: never;
        Insert: {
          latitude: number;
          longitude: number;
          splits_at_zoom?: number | null;
          task_count: number;
          tasks?: MarkedTasks | null;
        };
        Update: {
          latitude?: number;
          longitude?: number;
          splits_at_zoom?: number | null;
          task_count?: number;
          tasks?: MarkedTasks | null;
        };
        Relationships: [];
      };
      task_offers: {
        Row: {
          created_at: string;
          creator_id: string;
          decided_at: string | null;
          helper_id: string;
          id: string;
          message: string | null;
          status: OfferStatus;
          task_id: string;
          terms_version: number;
          updated_at: string;
          is_outdated: boolean | null;
        };
        ComputedFields: "is_outdated";
        Insert: {
          created_at?: string;
          creator_id: string;
          decided_at?: string | null;
          helper_id: string;
          id?: string;
          message?: string | null;
          status?: OfferStatus;
          task_id: string;
          terms_version?: number;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          creator_id?: string;
          decided_at?: string | null;
          helper_id?: string;
          id?: string;
          message?: string | null;
          status?: OfferStatus;
          task_id?: string;
          terms_version?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "task_offers_creator_id_fkey";
            columns: ["creator_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "task_offers_helper_id_fkey";
            columns: ["helper_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "task_offers_task_id_fkey";
            columns: ["task_id"];
            isOneToOne: false;
            referencedRelation: "tasks";
            referencedColumns: ["id"];
          },
        ];
      };
      tasks: {
        Row: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          assigned_at?: string | null;
          category: string;
          closed_at?: string | null;
          completed_at?: string | null;
          created_at?: string;
          creator_id: string;
          description: string;
          ends_at?: string | null;
          expires_at?: string | null;
          finished_at?: string | null;
          helper_id?: string | null;
          id?: string;
          image_paths?: string[];
          is_flexible?: boolean;
          latitude: number;
          longitude: number;
          metadata?: NonNullable<Json>;
          neighbourhood_id?: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at?: string | null;
          starts_at?: string | null;
          status?: TaskStatus;
          terms_version?: number;
          title: string;
          updated_at?: string;
        };
        Update: {
          assigned_at?: string | null;
          category?: string;
          closed_at?: string | null;
          completed_at?: string | null;
          created_at?: string;
          creator_id?: string;
          description?: string;
          ends_at?: string | null;
          expires_at?: string | null;
          finished_at?: string | null;
          helper_id?: string | null;
          id?: string;
          image_paths?: string[];
          is_flexible?: boolean;
          latitude?: number;
          longitude?: number;
          metadata?: NonNullable<Json>;
          neighbourhood_id?: string | null;
          points_reward?: number;
          reward_funding?: RewardFunding;
          started_at?: string | null;
          starts_at?: string | null;
          status?: TaskStatus;
          terms_version?: number;
          title?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "tasks_category_fkey";
            columns: ["category"];
            isOneToOne: false;
            referencedRelation: "categories";
            referencedColumns: ["slug"];
          },
          {
            foreignKeyName: "tasks_creator_id_fkey";
            columns: ["creator_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "tasks_helper_id_fkey";
            columns: ["helper_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "tasks_neighbourhood_id_fkey";
            columns: ["neighbourhood_id"];
            isOneToOne: false;
            referencedRelation: "neighbourhoods";
            referencedColumns: ["id"];
          },
        ];
      };
      user_bans: {
        Row: {
          banned_at: string;
          id: number;
          lifted_at: string | null;
          reason: string | null;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          banned_at?: string;
          id?: never;
          lifted_at?: string | null;
          reason?: string | null;
          user_id: string;
        };
        Update: {
          banned_at?: string;
          id?: never;
          lifted_at?: string | null;
          reason?: string | null;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_bans_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      user_blocks: {
        Row: {
          blocked_id: string;
          blocker_id: string;
          created_at: string;
        };
        ComputedFields: never;
        Insert: {
          blocked_id: string;
          blocker_id: string;
          created_at?: string;
        };
        Update: {
          blocked_id?: string;
          blocker_id?: string;
          created_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_blocks_blocked_id_fkey";
            columns: ["blocked_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_blocks_blocker_id_fkey";
            columns: ["blocker_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      user_contacts: {
        Row: {
          address: string | null;
          home_location: unknown;
          latitude: number | null;
          longitude: number | null;
          neighbourhood_id: string | null;
          phone_number: string | null;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          address?: string | null;
          home_location?: never;
          latitude?: number | null;
          longitude?: number | null;
          neighbourhood_id?: string | null;
          phone_number?: string | null;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          address?: string | null;
          home_location?: never;
          latitude?: number | null;
          longitude?: number | null;
          neighbourhood_id?: string | null;
          phone_number?: string | null;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_contacts_neighbourhood_id_fkey";
            columns: ["neighbourhood_id"];
            isOneToOne: false;
            referencedRelation: "neighbourhoods";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_contacts_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      user_settings: {
        Row: {
          is_open_to_suggestions: boolean;
          language: Language;
          phone_sharing: PhoneSharing;
          show_on_leaderboard: boolean;
          time_zone: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          is_open_to_suggestions?: boolean;
          language?: Language;
          phone_sharing?: PhoneSharing;
          show_on_leaderboard?: boolean;
          time_zone?: string;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          is_open_to_suggestions?: boolean;
          language?: Language;
          phone_sharing?: PhoneSharing;
          show_on_leaderboard?: boolean;
          time_zone?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_settings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      users: {
        Row: {
          avatar_path: string | null;
          bio: string | null;
          created_at: string;
          id: string;
          is_active: boolean;
          is_banned: boolean;
          is_email_verified: boolean;
          is_phone_verified: boolean;
          name: string;
          rating_average: number;
          rating_count: number;
          trust_score: number;
          updated_at: string;
          accepted_tasks: number | null;
          finished_tasks: number | null;
          points_balance: number | null;
        };
        ComputedFields: "accepted_tasks" | "finished_tasks" | "points_balance";
        Insert: {
          avatar_path?: string | null;
          bio?: string | null;
          created_at?: string;
          id: string;
          is_active?: boolean;
          is_banned?: boolean;
          is_email_verified?: boolean;
          is_phone_verified?: boolean;
          name: string;
          rating_average?: number;
          rating_count?: number;
          trust_score?: number;
          updated_at?: string;
        };
        Update: {
          avatar_path?: string | null;
          bio?: string | null;
          created_at?: string;
          id?: string;
          is_active?: boolean;
          is_banned?: boolean;
          is_email_verified?: boolean;
          is_phone_verified?: boolean;
          name?: string;
          rating_average?: number;
          rating_count?: number;
          trust_score?: number;
          updated_at?: string;
        };
        Relationships: [];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      accept_offer: {
        Args: { offer_id: string };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      accepted_tasks: {
        Args: {
          users: Omit<
            Database["public"]["Tables"]["users"]["Row"],
            Database["public"]["Tables"]["users"]["ComputedFields"]
          >;
        };
        Returns: number;
      };
      add_codes: {
        Args: { all_or_nothing?: boolean; api_key_hash: string; codes: Json; reward_id: string };
        Returns: Json;
      };
      add_place: {
        Args: {
          address?: string;
          category: string;
          description?: string;
          latitude: number;
          longitude: number;
          name: string;
          types?: string[];
        };
        Returns: {
          address: string | null;
          category: PlaceCategory;
          created_at: string;
          description: string | null;
          id: string;
          is_active: boolean;
          latitude: number;
          location: unknown;
          longitude: number;
          name: string;
          opening_hours: OpeningHours | null;
          partner_id: string | null;
          rating_average: number;
          rating_count: number;
          rating_sum: number;
          source: PlaceSource;
          source_id: string | null;
          types: string[];
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "places";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      begin_redemption: {
        Args: {
          code_ciphertext: string;
          code_hash: string;
          expected_points: number;
          idempotency_key: string;
          member_id: string;
          reward_id: string;
        };
        Returns: Json;
      };
      block_user: {
        Args: { user_id: string };
        Returns: {
          blocked_id: string;
          blocker_id: string;
          created_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "user_blocks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      cancel_redemption: { Args: { api_key_hash: string; reason?: string; redemption_id: string }; Returns: Json };
      cancel_task: {
        Args: { reason?: string; task_id: string };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      change_reward: { Args: { api_key_hash: string; changes: Json; reward_id: string }; Returns: Json };
      claim_notification_deliveries: {
        Args: { batch?: number; channels?: string[]; under_way?: number[] };
        Returns: Json;
      };
      claim_partner_requests: { Args: { batch?: number; under_way?: string[] }; Returns: Json };
      claim_webhook_messages: { Args: { batch?: number; per_endpoint?: number; under_way?: number[] }; Returns: Json };
      confirm_task: {
        Args: { task_id: string };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      connect_partner: { Args: { api_key_hash: string; secret_ciphertext: string; url: string }; Returns: Json };
      contest_no_show: {
        Args: { no_show_id: number; statement: string };
        Returns: {
          assigned_at: string;
          contested_at: string | null;
          created_at: string;
          decided_at: string | null;
          decision: NoShowDecision | null;
          decision_reason: string | null;
          helper_id: string;
          id: number;
          kind: LapseKind;
          statement: string | null;
          task_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "lapses";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      count_unread_messages: { Args: Record<PropertyKey, never>; Returns: number };
      count_unread_notifications: { Args: Record<PropertyKey, never>; Returns: number };
      create_api_key: {
        Args: { api_key_hash: string; is_sandbox?: boolean; name: string; scopes?: string[] };
        Returns: Json;
      };
      create_reward: { Args: { api_key_hash: string; reward: Json }; Returns: Json };
      create_task: {
        Args: {
          address?: string;
          category: string;
          description: string;
          ends_at?: string;
          expires_at?: string;
          idempotency_key?: string;
          image_paths?: string[];
          is_flexible?: boolean;
          latitude: number;
          longitude: number;
          metadata?: Json;
          points_reward: number;
          starts_at?: string;
          title: string;
        };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_test_code: {
        Args: { api_key_hash: string; code_hash: string; reward_id: string; valid_minutes?: number };
        Returns: Json;
      };
      create_webhook_endpoint: {
        Args: { api_key_hash: string; event_types: string[]; secret_ciphertext: string; url: string };
        Returns: Json;
      };
      decline_offer: {
        Args: { offer_id: string };
        Returns: {
          created_at: string;
          creator_id: string;
          decided_at: string | null;
          helper_id: string;
          id: string;
          message: string | null;
          status: OfferStatus;
          task_id: string;
          terms_version: number;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "task_offers";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      delete_message: {
        Args: { message_id: number; offer_id: string };
        Returns: {
          body: string | null;
          created_at: string;
          deleted_at: string | null;
          id: number;
          offer_id: string;
          recipient_id: string;
          sender_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "message";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      delete_push_subscription: { Args: { endpoint: string }; Returns: undefined };
      delete_review: { Args: { place_id: string }; Returns: undefined };
      delete_webhook_endpoint: { Args: { api_key_hash: string; endpoint_id: string }; Returns: undefined };
      explain_trust: {
        Args: { user_id: string };
        Returns: {
          amount: number;
          part: TrustPartName;
          text_de: string;
          text_en: string;
        }[];
      };
      finish_task: {
        Args: { note?: string; task_id: string };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      finished_tasks: {
        Args: {
          users: Omit<
            Database["public"]["Tables"]["users"]["Row"],
            Database["public"]["Tables"]["users"]["ComputedFields"]
          >;
        };
        Returns: number;
      };
      get_api_version: { Args: Record<PropertyKey, never>; Returns: string };
      get_task_location: {
        Args: { task_id: string };
        Returns: {
          address: string | null;
          latitude: number;
          longitude: number;
        }[];
      };
      is_outdated: {
        Args: {
          task_offers: Omit<
            Database["public"]["Tables"]["task_offers"]["Row"],
            Database["public"]["Tables"]["task_offers"]["ComputedFields"]
          >;
        };
        Returns: boolean;
      };
      leaderboard: {
        Args: { page_size?: number; period?: string };
        Returns: {
          avatar_path: string | null;
          is_me: boolean;
          name: string;
          points: number;
          rank: number;
          tasks_helped: number;
          user_id: string;
        }[];
      };
      list_api_keys: { Args: { api_key_hash: string }; Returns: Json };
      list_codes: {
        Args: { after?: number; api_key_hash: string; page_size?: number; reward_id: string };
        Returns: Json;
      };
      list_conversations: {
        Args: { after?: number; only_offer_id?: string; page_size?: number };
        Returns: {
          cursor: number;
          is_open: boolean;
          last_body: string | null;
          last_message_at: string;
          last_message_id: number;
          last_sender_id: string;
          offer_id: string;
          other_avatar_path: string | null;
          other_id: string;
          other_name: string;
          other_read_id: number | null;
          own_read_id: number;
          task_id: string;
          task_title: string;
          unread_count: number;
        }[];
      };
      list_messages: {
        Args: { after?: number; offer_id: string; oldest_first?: boolean; page_size?: number };
        Returns: {
          body: string | null;
          created_at: string;
          deleted_at: string | null;
          id: number;
          offer_id: string;
          recipient_id: string;
          sender_id: string;
        }[];
        SetofOptions: {
          from: "*";
          to: "message";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      list_notification_addresses: {
        Args: Record<PropertyKey, never>;
        Returns: {
          address: string;
          channel: NotificationChannel;
          refused_at: string | null;
          refused_reason: string | null;
          saved_at: string;
        }[];
      };
      list_notifications: {
        Args: { after?: number; only_unread?: boolean; page_size?: number };
        Returns: {
          actor_id: string | null;
          body_de: string;
          body_en: string;
          created_at: string;
          id: number;
          offer_id: string | null;
          read_at: string | null;
          redemption_id: string | null;
          task_id: string | null;
          title_de: string;
          title_en: string;
          type: NotificationTypeName;
        }[];
      };
      list_partner_redemptions: {
        Args: {
          after?: string;
          api_key_hash: string;
          page_size?: number;
          reward_id?: string;
          since?: string;
          status?: string;
          until?: string;
        };
        Returns: Json;
      };
      list_partner_rewards: { Args: { after?: string; api_key_hash: string; page_size?: number }; Returns: Json };
      list_ratings: {
        Args: { after?: string; page_size?: number; user_id: string };
        Returns: {
          comment: string | null;
          created_at: string;
          id: string;
          rater_avatar_path: string | null;
          rater_id: string;
          rater_name: string;
          revealed_at: string;
          score: number;
          task_id: string;
          updated_at: string;
        }[];
      };
      list_webhook_endpoints: { Args: { api_key_hash: string }; Returns: Json };
      list_webhook_messages: {
        Args: { after?: number; api_key_hash: string; page_size?: number; status?: string };
        Returns: Json;
      };
      map_tasks: {
        Args: {
          category?: string;
          east: number;
          north: number;
          south: number;
          starts_from?: string;
          starts_until?: string;
          west: number;
          zoom: number;
        };
        Returns: {
          latitude: number;
          longitude: number;
          splits_at_zoom: number | null;
          task_count: number;
          tasks: MarkedTasks | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "task_marker";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      mark_conversation_read: { Args: { offer_id: string; up_to?: number }; Returns: number };
      mark_notifications_read: { Args: { ids?: number[] }; Returns: number };
      monthly_statistics: {
        Args: { months?: number; neighbourhood_id?: string };
        Returns: {
          is_suppressed: boolean;
          month: string;
          people: number | null;
          points_issued: number | null;
          points_redeemed: number | null;
          tasks_completed: number | null;
          tasks_created: number | null;
        }[];
      };
      my_contact_reveals: {
        Args: { after?: number; page_size?: number };
        Returns: {
          id: number;
          revealed_at: string;
          showed_phone_number: boolean;
          showed_place: boolean;
          task_id: string;
          task_title: string;
          viewer_id: string;
          viewer_name: string;
        }[];
      };
      nearby_tasks: {
        Args: {
          after?: string;
          category?: string;
          latitude: number;
          longitude: number;
          page_size?: number;
          radius_m?: number;
          sort?: string;
          starts_from?: string;
          starts_until?: string;
        };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          cursor: string;
          description: string;
          distance_m: number;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        }[];
        SetofOptions: {
          from: "*";
          to: "nearby_task";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      offer_help: {
        Args: { message?: string; task_id: string };
        Returns: {
          created_at: string;
          creator_id: string;
          decided_at: string | null;
          helper_id: string;
          id: string;
          message: string | null;
          status: OfferStatus;
          task_id: string;
          terms_version: number;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "task_offers";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      points_balance: {
        Args: {
          users: Omit<
            Database["public"]["Tables"]["users"]["Row"],
            Database["public"]["Tables"]["users"]["ComputedFields"]
          >;
        };
        Returns: number;
      };
      rate_task: {
        Args: { comment?: string; score: number; task_id: string };
        Returns: {
          comment: string | null;
          created_at: string;
          id: string;
          ratee_id: string;
          rater_id: string;
          revealed_at: string | null;
          score: number;
          task_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "ratings";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      read_metrics: { Args: Record<PropertyKey, never>; Returns: Json };
      read_partner: { Args: { api_key_hash: string }; Returns: Json };
      read_partner_connection: { Args: { partner_id: string }; Returns: Json };
      read_readiness: { Args: Record<PropertyKey, never>; Returns: Json };
      read_redemption: { Args: { member_id: string; redemption_id: string }; Returns: Json };
      read_settlement: { Args: { api_key_hash: string; month: string }; Returns: Json };
      recommended_places: {
        Args: { after?: string; latitude: number; longitude: number; page_size?: number; radius_m?: number };
        Returns: {
          address: string | null;
          category: PlaceCategory;
          created_at: string;
          cursor: string;
          description: string | null;
          distance_m: number;
          explanation_de: string;
          explanation_en: string;
          id: string;
          is_active: boolean;
          latitude: number;
          longitude: number;
          name: string;
          opening_hours: OpeningHours | null;
          part_popularity: number;
          part_preference: number;
          part_proximity: number;
          part_rating: number;
          partner_id: string | null;
          rating_average: number;
          rating_count: number;
          rating_sum: number;
          score: number;
          source: PlaceSource;
          source_id: string | null;
          types: string[];
          updated_at: string;
        }[];
      };
      recommended_tasks: {
        Args: { after?: string; latitude: number; longitude: number; page_size?: number; radius_m?: number };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          cursor: string;
          description: string;
          distance_m: number;
          ends_at: string | null;
          expires_at: string | null;
          explanation_de: string;
          explanation_en: string;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          part_popularity: number;
          part_preference: number;
          part_proximity: number;
          part_rating: number;
          points_reward: number;
          reward_funding: RewardFunding;
          score: number;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        }[];
        SetofOptions: {
          from: "*";
          to: "recommended_task";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      record_notification_deliveries: { Args: { results: Json }; Returns: Json };
      record_partner_code: {
        Args: {
          code_ciphertext: string;
          code_expires_at?: string;
          code_hash: string;
          duration_ms?: number;
          redemption_id: string;
        };
        Returns: Json;
      };
      record_partner_event: {
        Args: {
          code_ciphertext: string;
          code_hash: string;
          details: Json;
          event_id: string;
          event_type: string;
          occurred_at: string;
          partner_id: string;
          redemption_id: string;
        };
        Returns: Json;
      };
      record_partner_failure: {
        Args: { duration_ms?: number; error: string; redemption_id: string; retry_after_seconds?: number };
        Returns: Json;
      };
      record_partner_refusal: { Args: { reason: string; redemption_id: string }; Returns: Json };
      record_webhook_attempts: { Args: { results: Json }; Returns: Json };
      reject_completion: {
        Args: { reason: string; task_id: string };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      release_task: {
        Args: { reason?: string; task_id: string };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      renew_offer: {
        Args: { offer_id: string; terms_version?: number };
        Returns: {
          created_at: string;
          creator_id: string;
          decided_at: string | null;
          helper_id: string;
          id: string;
          message: string | null;
          status: OfferStatus;
          task_id: string;
          terms_version: number;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "task_offers";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      replace_helper: {
        Args: { reason: string; task_id: string };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      replay_webhook_message: { Args: { api_key_hash: string; message_id: number }; Returns: Json };
      request_phone_number: { Args: { task_id: string }; Returns: undefined };
      retire_reward: { Args: { api_key_hash: string; reward_id: string }; Returns: Json };
      return_redemption: { Args: { member_id: string; redemption_id: string }; Returns: Json };
      reveal_task_contact: {
        Args: { task_id: string };
        Returns: {
          address: string | null;
          latitude: number;
          longitude: number;
          phone_number: string | null;
          phone_status: PhoneStatus;
          user_id: string;
        }[];
      };
      review_place: {
        Args: { comment?: string; place_id: string; rating: number };
        Returns: {
          comment: string | null;
          created_at: string;
          id: string;
          place_id: string;
          rating: number;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "place_reviews";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      revoke_api_key: { Args: { api_key_hash: string; key_id: string }; Returns: undefined };
      rotate_api_key: { Args: { api_key_hash: string; key_id: string }; Returns: Json };
      rotate_webhook_secret: {
        Args: { api_key_hash: string; endpoint_id: string; secret_ciphertext: string };
        Returns: Json;
      };
      save_push_subscription: { Args: { auth: string; endpoint: string; p256dh: string }; Returns: undefined };
      search_places: {
        Args: {
          after?: string;
          category?: string;
          latitude: number;
          longitude: number;
          neighbourhood_id?: string;
          page_size?: number;
          query: string;
          radius_m?: number;
        };
        Returns: {
          address: string | null;
          category: PlaceCategory;
          created_at: string;
          cursor: string;
          description: string | null;
          distance_m: number;
          id: string;
          latitude: number;
          longitude: number;
          name: string;
          opening_hours: OpeningHours | null;
          partner_id: string | null;
          rank: number;
          rating_average: number;
          rating_count: number;
          snippet: string;
          source: PlaceSource;
          types: string[];
          updated_at: string;
        }[];
      };
      search_tasks: {
        Args: {
          after?: string;
          category?: string;
          latitude: number;
          longitude: number;
          neighbourhood_id?: string;
          page_size?: number;
          query: string;
          radius_m?: number;
          starts_from?: string;
          starts_until?: string;
        };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          cursor: string;
          description: string;
          distance_m: number;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          rank: number;
          reward_funding: RewardFunding;
          snippet: string;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        }[];
        SetofOptions: {
          from: "*";
          to: "found_task";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      send_message: {
        Args: { body: string; idempotency_key: string; offer_id: string };
        Returns: {
          body: string | null;
          created_at: string;
          deleted_at: string | null;
          id: number;
          offer_id: string;
          recipient_id: string;
          sender_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "message";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      set_notification_preference: {
        Args: { channel: string; is_enabled: boolean; type: string };
        Returns: {
          channel: NotificationChannel;
          is_enabled: boolean;
          type: NotificationTypeName;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "notification_preferences";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      set_preference: {
        Args: { category: string; rating: number };
        Returns: {
          category: string;
          created_at: string;
          rating: number;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "preferences";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      share_phone_number: { Args: { task_id: string }; Returns: undefined };
      start_task: {
        Args: { task_id: string };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      suggest_helpers: {
        Args: { task_id: string };
        Returns: {
          avatar_path: string | null;
          distance_band: DistanceBand;
          explanation_de: string;
          explanation_en: string;
          name: string;
          part_distance: number;
          part_fatigue: number;
          part_preference: number;
          part_trust: number;
          rating_average: number;
          rating_count: number;
          score: number;
          trust_score: number;
          user_id: string;
        }[];
      };
      task_rules: {
        Args: Record<PropertyKey, never>;
        Returns: {
          community_reward_requires_verified_contact: boolean;
          confirmation_days: number;
          contact_reveal_days: number;
          exact_place_days: number;
          late_release_hours: number;
          open_task_limit: number;
          replace_grace_hours: number;
          reward_funding: RewardFunding;
          start_reminder_days: number;
          time_zone: string;
        }[];
      };
      test_webhook_endpoint: { Args: { api_key_hash: string; endpoint_id: string }; Returns: Json };
      unblock_user: { Args: { user_id: string }; Returns: undefined };
      unsubscribe_notifications: { Args: { channel: string; type?: string; user_id: string }; Returns: undefined };
      update_contact: {
        Args: { address?: string; latitude?: number; longitude?: number; phone_number?: string; remove_home?: boolean };
        Returns: {
          address: string | null;
          home_location: unknown;
          latitude: number | null;
          longitude: number | null;
          neighbourhood_id: string | null;
          phone_number: string | null;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "user_contacts";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_message_settings: {
        Args: { show_read_marks?: boolean; show_text?: boolean };
        Returns: {
          show_read_marks: boolean;
          show_text: boolean;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "message_settings";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_notification_settings: {
        Args: {
          digest?: string;
          is_email_enabled?: boolean;
          is_web_push_enabled?: boolean;
          quiet_from?: string;
          quiet_until?: string;
          remove_quiet_hours?: boolean;
        };
        Returns: {
          digest: NotificationDigest;
          digested_id: number;
          is_email_enabled: boolean;
          is_web_push_enabled: boolean;
          next_digest_at: string | null;
          quiet_from: string | null;
          quiet_until: string | null;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "notification_settings";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_profile: {
        Args: { avatar_path?: string; bio?: string; name?: string };
        Returns: {
          avatar_path: string | null;
          bio: string | null;
          created_at: string;
          id: string;
          is_active: boolean;
          is_banned: boolean;
          is_email_verified: boolean;
          is_phone_verified: boolean;
          name: string;
          rating_average: number;
          rating_count: number;
          trust_score: number;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "users";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_settings: {
        Args: {
          is_open_to_suggestions?: boolean;
          language?: string;
          phone_sharing?: string;
          show_on_leaderboard?: boolean;
          time_zone?: string;
        };
        Returns: {
          is_open_to_suggestions: boolean;
          language: Language;
          phone_sharing: PhoneSharing;
          show_on_leaderboard: boolean;
          time_zone: string;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "user_settings";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_task: {
        Args: {
          address?: string;
          category?: string;
          description?: string;
          ends_at?: string;
          expires_at?: string;
          image_paths?: string[];
          is_flexible?: boolean;
          latitude?: number;
          longitude?: number;
          metadata?: Json;
          points_reward?: number;
          starts_at?: string;
          task_id: string;
          title?: string;
        };
        Returns: {
          assigned_at: string | null;
          category: string;
          closed_at: string | null;
          completed_at: string | null;
          created_at: string;
          creator_id: string;
          description: string;
          ends_at: string | null;
          expires_at: string | null;
          finished_at: string | null;
          helper_id: string | null;
          id: string;
          image_paths: string[];
          is_flexible: boolean;
          latitude: number;
          longitude: number;
          metadata: NonNullable<Json>;
          neighbourhood_id: string | null;
          points_reward: number;
          reward_funding: RewardFunding;
          started_at: string | null;
          starts_at: string | null;
          status: TaskStatus;
          terms_version: number;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      use_code: { Args: { api_key_hash: string; code_hash: string; till_reference: string }; Returns: Json };
      user_statistics: {
        Args: { user_id?: string };
        Returns: {
          avatar_path: string | null;
          id: string;
          member_since: string;
          name: string;
          points_balance: number | null;
          points_earned: number | null;
          points_redeemed: number | null;
          rating_average: number;
          rating_count: number;
          tasks_completed: number;
          tasks_created: number;
          tasks_helped: number;
          trust_score: number;
        }[];
      };
      verify_code: { Args: { api_key_hash: string; code_hash: string }; Returns: Json };
      withdraw_codes: { Args: { api_key_hash: string; codes: Json; reward_id: string }; Returns: Json };
      withdraw_offer: {
        Args: { offer_id: string };
        Returns: {
          created_at: string;
          creator_id: string;
          decided_at: string | null;
          helper_id: string;
          id: string;
          message: string | null;
          status: OfferStatus;
          task_id: string;
          terms_version: number;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "task_offers";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;
